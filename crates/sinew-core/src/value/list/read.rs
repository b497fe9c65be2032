//! The text of a JSON array as values, for elements of one type.

use std::borrow::Cow;

use crate::value::{Misfit, TypeFamily, Value};

/// The elements of a list that was kept as text.
pub(super) fn items(text: &str, family: TypeFamily) -> Result<Vec<Value<'_>>, Misfit> {
    let mut reader = Reader { text, at: 0 };
    let mut items = Vec::new();
    reader.mark(b'[')?;
    if reader.next() == Some(b']') {
        reader.at += 1;
        return reader.end().map(|()| items);
    }
    loop {
        items.push(reader.element(family)?);
        match reader.next() {
            Some(b',') => reader.at += 1,
            _ => break,
        }
    }
    reader.mark(b']')?;
    reader.end().map(|()| items)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    /// The next byte that is no space.
    fn next(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn mark(&mut self, wanted: u8) -> Result<(), Misfit> {
        if self.next() != Some(wanted) {
            return Err(self.no_list());
        }
        self.at += 1;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Misfit> {
        match self.next() {
            None => Ok(()),
            Some(_) => Err(self.no_list()),
        }
    }

    /// What stands there stays out of logs.
    #[cold]
    fn no_list(&self) -> Misfit {
        Misfit(format!(
            "expected a list, got a text that is no JSON array, at byte {}",
            self.at
        ))
    }

    fn element(&mut self, family: TypeFamily) -> Result<Value<'t>, Misfit> {
        match self.next() {
            Some(b'"') => {
                self.at += 1;
                let text = self.string()?;
                typed(text, family)
            }
            Some(b'[' | b'{') => Err(Misfit(
                "expected a list of plain values, got one of lists or objects".into(),
            )),
            Some(_) => self.bare(family),
            None => Err(self.no_list()),
        }
    }

    /// A number or a word.
    fn bare(&mut self, family: TypeFamily) -> Result<Value<'t>, Misfit> {
        let rest = &self.text[self.at..];
        let length = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
            .count();
        let word = &rest[..length];
        let value = match word {
            "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ if !word.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                return Err(self.no_list());
            }
            number if family == TypeFamily::Decimal => Value::Decimal(Cow::Borrowed(number)),
            number => self::number(number).ok_or_else(|| self.no_list())?,
        };
        self.at += length;
        Ok(value)
    }

    /// The rest of a string, after its first quote.
    fn string(&mut self) -> Result<Cow<'t, str>, Misfit> {
        let text = self.text;
        let mut out: Option<String> = None;
        let mut from = self.at;
        loop {
            match text.as_bytes().get(self.at) {
                Some(b'"') => {
                    let piece = &text[from..self.at];
                    self.at += 1;
                    return Ok(match out {
                        None => Cow::Borrowed(piece),
                        Some(out) => Cow::Owned(out + piece),
                    });
                }
                Some(b'\\') => {
                    let out = out.get_or_insert_default();
                    out.push_str(&text[from..self.at]);
                    self.at += 1;
                    out.push(self.escaped()?);
                    from = self.at;
                }
                Some(_) => self.at += 1,
                None => return Err(self.no_list()),
            }
        }
    }

    /// What a backslash stands before.
    fn escaped(&mut self) -> Result<char, Misfit> {
        let byte = self.text.as_bytes().get(self.at).copied();
        self.at += 1;
        Ok(match byte {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.unit()?;
                if !(0xD800..0xDC00).contains(&first) {
                    return char::from_u32(first).ok_or_else(|| self.no_list());
                }
                // Beyond 16 bits a character is written as two halves.
                let rest = &self.text.as_bytes()[self.at..];
                if !rest.starts_with(b"\\u") {
                    return Err(self.no_list());
                }
                self.at += 2;
                let second = self.unit()?;
                (0xDC00..0xE000)
                    .contains(&second)
                    .then(|| 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
                    .and_then(char::from_u32)
                    .ok_or_else(|| self.no_list())?
            }
            _ => return Err(self.no_list()),
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, Misfit> {
        let digits = self.text.get(self.at..self.at + 4);
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += 4;
        unit.ok_or_else(|| self.no_list())
    }
}

/// An integer where it is one that fits, else a float.
fn number(text: &str) -> Option<Value<'static>> {
    if let Ok(n) = text.parse() {
        return Some(Value::Int(n));
    }
    if let Ok(n) = text.parse() {
        return Some(Value::UInt(n));
    }
    text.parse().ok().map(Value::Float)
}

/// A string as a value of this family; text where it is none, so that the element's type says what
/// it wanted.
fn typed(text: Cow<'_, str>, family: TypeFamily) -> Result<Value<'_>, Misfit> {
    use TypeFamily as F;
    let value = match family {
        F::Json => return Ok(Value::Json(text)),
        F::Decimal => return Ok(Value::Decimal(text)),
        F::Float32 | F::Float64 => match &*text {
            "NaN" => Some(Value::Float(f64::NAN)),
            "Infinity" => Some(Value::Float(f64::INFINITY)),
            "-Infinity" => Some(Value::Float(f64::NEG_INFINITY)),
            _ => None,
        },
        // A text would pass for bytes.
        F::Bytes => match bytes(&text) {
            None => return Err(Misfit("expected bytes as hexadecimal digits".into())),
            some => some.map(|bytes| Value::Bytes(bytes.into())),
        },
        F::Uuid => bytes(&text.replace('-', ""))
            .and_then(|bytes| bytes.try_into().ok())
            .map(Value::Uuid),
        family if family.is_integer() => {
            (text.parse().map(Value::Int).ok()).or_else(|| text.parse().map(Value::UInt).ok())
        }
        _ => None,
    };
    Ok(value.unwrap_or(Value::Text(text)))
}

fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = hexadecimal
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|two| two[0] << 4 | two[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::ColumnType;

    fn read<T: ColumnType>(text: &str) -> Result<T, Misfit> {
        T::from_value(Value::Text(text.into()))
    }

    #[test]
    fn texts_that_others_wrote() {
        assert_eq!(read::<Vec<i64>>(" [ 1 ,\n-2 ] ").unwrap(), [1, -2]);
        assert_eq!(read::<Vec<f64>>("[1, 2.5, 1e3]").unwrap(), [1.0, 2.5, 1e3]);
        assert_eq!(
            read::<Vec<String>>(r#"["\u00e9\ud83d\ude00\/\n\t\"\\"]"#).unwrap(),
            ["é😀/\n\t\"\\"]
        );
        assert_eq!(read::<Vec<bool>>("[true,0]").unwrap(), [true, false]);
        assert!(read::<Vec<i64>>("[ ]").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_list_is_refused_and_not_repeated() {
        for text in [
            "",
            "secret",
            "{}",
            "[",
            "[1",
            "[1,]",
            "[,]",
            "[1]x",
            "[\"a",
            "[\"\\",
            "[\"\\u12\"]",
            "[\"\\ud83d\"]",
            "[\"\\ud83dx\"]",
            "[nul]",
            "[--1]",
            "[NaN]",
            "[\"a\" \"b\"]",
            "[é]",
        ] {
            let problem = read::<Vec<f64>>(text).unwrap_err();
            assert!(!problem.0.contains("secret"), "{problem}");
        }
        assert!(read::<Vec<i64>>("[[1]]").unwrap_err().0.contains("lists"));
        let null = read::<Vec<i64>>("[1,null]").unwrap_err();
        assert!(null.0.starts_with("element 1: "), "{null}");
    }

    #[test]
    fn what_json_has_no_numbers_for() {
        let list = vec![u64::MAX, 0, 1 << 63];
        let text = super::super::list_text(&match list.to_value() {
            Value::List(items) => items,
            other => vec![other],
        });
        assert_eq!(read::<Vec<u64>>(&text.unwrap()).unwrap(), list);
        let floats = read::<Vec<f32>>(r#"["NaN", "-Infinity"]"#).unwrap();
        assert!(floats[0].is_nan() && floats[1] == f32::NEG_INFINITY);
        assert_eq!(
            read::<Vec<Vec<u8>>>(r#"["00fF", ""]"#).unwrap(),
            [vec![0, 255], vec![]]
        );
        assert!(read::<Vec<Vec<u8>>>(r#"["0"]"#).is_err());
        assert!(read::<Vec<Vec<u8>>>(r#"["zz"]"#).is_err());
    }
}
