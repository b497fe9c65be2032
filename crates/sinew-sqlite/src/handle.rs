//! The short way to the cells of a row: one look at SQLite's value instead of three.

use std::ffi::{CStr, c_int};
use std::ptr::{self, NonNull};

use rusqlite::{Connection, ffi};

/// SQLite's own statement behind one of rusqlite's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Handle(NonNull<ffi::sqlite3_stmt>);

impl Handle {
    /// The statement of this connection with this text that is none of `others`. rusqlite does
    /// not tell it; without it cells are read by way of rusqlite.
    pub(crate) fn find(
        connection: &Connection,
        sql: &str,
        others: impl Fn(Self) -> bool,
    ) -> Option<Self> {
        // SAFETY: the handle is that of an open connection, which this thread alone uses now.
        // SQLite's list holds the statements that are not finalized; their texts live as long
        // as they do, and end with NUL.
        #[allow(unsafe_code)]
        unsafe {
            let database = connection.handle();
            let mut at = ffi::sqlite3_next_stmt(database, ptr::null_mut());
            while let Some(statement) = NonNull::new(at) {
                let found = Self(statement);
                let text = ffi::sqlite3_sql(at);
                if !text.is_null()
                    && CStr::from_ptr(text).to_bytes() == sql.as_bytes()
                    && !others(found)
                {
                    return Some(found);
                }
                at = ffi::sqlite3_next_stmt(database, at);
            }
        }
        None
    }

    /// The integer in a column, if that is what is there.
    ///
    /// # Safety
    /// The statement stands at a row, no other thread uses its connection, and it has such a
    /// column.
    #[allow(unsafe_code)]
    #[inline]
    pub(crate) unsafe fn int(self, column: usize) -> Option<i64> {
        // SAFETY: the caller's promise. Connections are opened in SQLite's multi-thread mode, in
        // which a column's value may be asked like any other.
        unsafe {
            let value = self.value(column);
            match ffi::sqlite3_value_type(value) {
                ffi::SQLITE_INTEGER => Some(ffi::sqlite3_value_int64(value)),
                _ => None,
            }
        }
    }

    /// The text in a column, if that is what is there.
    ///
    /// # Safety
    /// As for [`Handle::int`]; the text is gone when the statement goes on.
    #[allow(unsafe_code)]
    #[inline]
    pub(crate) unsafe fn text<'r>(self, column: usize) -> Option<&'r [u8]> {
        // SAFETY: as in `int`. The length is asked after the text, which may convert it.
        unsafe {
            let value = self.value(column);
            if ffi::sqlite3_value_type(value) != ffi::SQLITE_TEXT {
                return None;
            }
            let text = ffi::sqlite3_value_text(value);
            let length = usize::try_from(ffi::sqlite3_value_bytes(value)).ok()?;
            (!text.is_null()).then(|| std::slice::from_raw_parts(text, length))
        }
    }

    #[allow(unsafe_code)]
    #[inline]
    unsafe fn value(self, column: usize) -> *mut ffi::sqlite3_value {
        // A statement has at most 32,767 columns.
        #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
        let column = column as c_int;
        // SAFETY: the caller's promise.
        unsafe { ffi::sqlite3_column_value(self.0.as_ptr(), column) }
    }
}
