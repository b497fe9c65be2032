//! Chance and time, held still: the seeds of hash maps decide how often a place is taken, and how long
//! a statement took decides which thread the next one runs on. Under a counter that slows everything
//! down both would differ from run to run. The program's own functions come before the C library's.

use std::ffi::{c_int, c_uint};

/// # Safety
/// As of the C library's: `buffer` has room for `length` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn getrandom(buffer: *mut u8, length: usize, _flags: c_uint) -> isize {
    // SAFETY: the caller says so.
    unsafe { buffer.write_bytes(7, length) };
    length.cast_signed()
}

/// # Safety
/// As of the C library's: `time` can be written.
#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(_clock: c_int, time: *mut libc::timespec) -> c_int {
    let now = libc::timespec {
        tv_sec: 1_760_000_000,
        tv_nsec: 0,
    };
    // SAFETY: the caller says so.
    unsafe { time.write(now) };
    0
}
