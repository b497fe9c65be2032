/// What a database can do, each with the reason.
#[derive(Debug)]
pub struct Capabilities {
    /// Rows can be locked by `FOR UPDATE` and `FOR SHARE`.
    pub row_locks: Support,
    /// A statement that writes can return columns.
    pub returning: Support,
    /// `NULLS FIRST` and `NULLS LAST`.
    pub nulls_order: Support,
    /// NULL is ordered as the smallest value unless the statement says otherwise.
    pub nulls_smallest: Support,
    /// `ILIKE`.
    pub ilike: Support,
    /// `||` joins texts.
    pub concat_operator: Support,
    /// A column of floating-point numbers can hold "not a number".
    pub nan: Support,
    /// A column of floating-point numbers can hold the infinities.
    pub infinity: Support,
    /// A text can hold the character U+0000.
    pub nul_in_text: Support,
    /// A decimal keeps more than fifteen digits.
    pub long_decimals: Support,
    /// A moment can lie before the year 1 or after the year 9999.
    pub distant_moments: Support,
    /// A column refuses what is too long or too large for its type, whoever writes it.
    pub sized_columns: Support,
    /// A violated foreign key is named.
    pub names_foreign_keys: Support,
    /// A constraint can be added to a table that exists, without a copy of the table.
    pub add_constraint: Support,
    /// A column of an existing table can be changed, without a copy of the table.
    pub alter_column: Support,
    /// `CREATE TABLE` may refer to a table that does not exist yet.
    pub forward_references: Support,
    /// Tables and columns can carry comments.
    pub comments: Support,
    /// Indexes can have a condition.
    pub partial_indexes: Support,
    /// A list of keys of any length is bound as one parameter.
    pub array_binds: Support,
    /// Changes of tables are undone by a rollback.
    pub transactional_ddl: Support,
    /// The key that a row was given is told without asking for columns.
    pub last_insert_id: Support,
    /// A statement can hold others that write.
    pub nested_writes: Support,
    /// A transaction can go on after one of its statements failed.
    pub survives_errors: Support,
    /// Several statements can be sent before the first is answered.
    pub pipelining: Support,
    /// The database runs in the program: an operation is one visit, whatever it sends.
    pub embedded: Support,
}

/// Whether something can be done, and why (not).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Support {
    /// Whether it can.
    pub supported: bool,
    /// The reason, in words that an error message can use.
    pub reason: &'static str,
}

impl Support {
    /// It can.
    pub const fn yes(reason: &'static str) -> Self {
        Self {
            supported: true,
            reason,
        }
    }

    /// It cannot.
    pub const fn no(reason: &'static str) -> Self {
        Self {
            supported: false,
            reason,
        }
    }
}
