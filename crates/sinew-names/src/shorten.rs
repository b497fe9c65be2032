/// `name`, cut to `limit` bytes when it is longer: its last eight then tell it from other names
/// with the same beginning.
///
/// # Examples
/// ```
/// assert_eq!(sinew_names::shorten("fk_users_orders", 63), "fk_users_orders");
/// assert_eq!(sinew_names::shorten(&"a".repeat(100), 63).len(), 63);
/// ```
pub fn shorten(name: &str, limit: usize) -> String {
    if name.len() <= limit {
        return name.to_owned();
    }
    let mut keep = limit.saturating_sub(8);
    while !name.is_char_boundary(keep) {
        keep -= 1;
    }
    format!(
        "{}{:08x}",
        name.get(..keep).unwrap_or_default(),
        hash(name.as_bytes())
    )
}

/// FNV-1a, folded to 32 bits. Names in databases depend on it: it must never change.
fn hash(bytes: &[u8]) -> u32 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for &byte in bytes {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let folded = (hash >> 32) ^ (hash & 0xffff_ffff);
    u32::try_from(folded).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_stay() {
        assert_eq!(shorten(&"a".repeat(64), 64), "a".repeat(64));
    }

    #[test]
    fn long_names_end_in_a_hash_that_never_changes() {
        let long = format!("fk_{}_orders", "very_long_table_name".repeat(4));
        let cut = shorten(&long, 63);
        assert_eq!(
            cut,
            "fk_very_long_table_namevery_long_table_namevery_long_ta7807471f"
        );
        assert_eq!(cut.len(), 63);
        assert_ne!(cut, shorten(&format!("{long}_too"), 63));
    }

    #[test]
    fn characters_are_never_split() {
        let cut = shorten(&"ä".repeat(60), 64);
        assert!(cut.len() <= 64 && cut.starts_with("ääää"));
        assert!(shorten(&"日".repeat(60), 7).len() <= 8);
    }
}
