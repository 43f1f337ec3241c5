//! The vectors of RFC 8785: appendix B, and the test data that its reference implementations share.

use super::super::canonical;
use crate::audit::Digest;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The doubles with which the published file of numbers begins.
const DOUBLES: &str = include_str!("../../../testdata/rfc8785/doubles.txt");

/// Lines of the published file, and SHA-256 of that many lines, as published beside it.
const PUBLISHED: [(usize, &str); 3] = [
    (1_000, "be18b62b6f69cdab33a7e0dae0d9cfa869fda80ddc712221570f9f40a5878687"),
    (10_000, "b9f7a8e75ef22a835685a52ccba7f7d6bdc99e34b010992cbc5864cd12be6892"),
    (100_000, "22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7"),
];

/// RFC 8785, appendix B: the bits of a double, and its text.
const APPENDIX_B: [(u64, &str); 24] = [
    (0x0000_0000_0000_0000, "0"),
    (0x8000_0000_0000_0000, "0"),
    (0x0000_0000_0000_0001, "5e-324"),
    (0x8000_0000_0000_0001, "-5e-324"),
    (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
    (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
    (0x4340_0000_0000_0000, "9007199254740992"),
    (0xc340_0000_0000_0000, "-9007199254740992"),
    (0x4430_0000_0000_0000, "295147905179352830000"),
    (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
    (0x44b5_2d02_c7e1_4af6, "1e+23"),
    (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
    (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
    (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
    (0x444b_1ae4_d6e2_ef50, "1e+21"),
    (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
    (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
    (0x41b3_de43_5555_5553, "333333333.3333332"),
    (0x41b3_de43_5555_5554, "333333333.33333325"),
    (0x41b3_de43_5555_5555, "333333333.3333333"),
    (0x41b3_de43_5555_5556, "333333333.3333334"),
    (0x41b3_de43_5555_5557, "333333333.33333343"),
    (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
    (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
];

/// The text of a double. The hub refuses some of these numbers; the rule of their text is the same.
fn text_of(double: f64) -> String {
    serde_json_canonicalizer::to_string(&double).unwrap()
}

/// What the hub itself says of a double: its text, or `number_precision` where the text is an integer beyond 2^53 − 1.
fn assert_kept_or_refused(double: f64) {
    let text = text_of(double);
    let digits = text.trim_start_matches('-');
    let integer = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u128>().unwrap());
    match canonical(&Value::from(double)) {
        Ok(kept) => assert_eq!((&kept, integer.is_none_or(|size| size < 1 << 53)), (&text, true)),
        Err(error) => {
            assert_eq!(
                (error.code(), integer.is_some_and(|size| size >= 1 << 53)),
                ("number_precision", true),
                "{text}"
            );
        }
    }
}

#[test]
fn numbers_of_appendix_b_have_its_texts() {
    for (bits, text) in APPENDIX_B {
        assert_eq!(text_of(f64::from_bits(bits)), text, "{bits:016x}");
        assert_kept_or_refused(f64::from_bits(bits));
    }
    // What is no number has no JSON; a value of it cannot even be made.
    for bits in [0x7fff_ffff_ffff_ffff, 0x7ff0_0000_0000_0000] {
        assert!(serde_json_canonicalizer::to_string(&f64::from_bits(bits)).is_err(), "{bits:016x}");
    }
}

#[test]
fn documents_of_the_reference_implementations_have_their_texts() {
    macro_rules! documents {
        ($($name:literal),+) => { [$((
            $name,
            include_str!(concat!("../../../testdata/rfc8785/input/", $name, ".json")),
            include_str!(concat!("../../../testdata/rfc8785/output/", $name, ".json")),
        )),+] };
    }
    for (name, input, output) in documents!["arrays", "french", "structures", "unicode", "values", "weird"] {
        let value: Value = serde_json::from_str(input).unwrap();
        assert_eq!(canonical(&value).unwrap(), output.trim_end_matches('\n'), "{name}");
    }
}

/// Doubles of the published file, in its order: those of the list, two thousand neighbours, and what a chain of
/// SHA-256 gives.
fn doubles() -> impl Iterator<Item = f64> {
    let listed = DOUBLES.lines().map(|digits| u64::from_str_radix(digits, 16).unwrap());
    let neighbours = (0..2_000).map(|number| 0x0010_0000_0000_0000 + number);
    let mut block = [0_u8; 32];
    let chain = std::iter::repeat_with(move || {
        block = Sha256::digest(block).into();
        block
    });
    let drawn = chain.flat_map(|block| {
        let doubles = block.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes));
        doubles.collect::<Vec<_>>()
    });
    let drawn = drawn.filter(|bits| f64::from_bits(*bits).is_finite() && f64::from_bits(*bits) != 0.0);
    listed.chain(neighbours).chain(drawn).map(f64::from_bits)
}

#[test]
fn a_hundred_thousand_numbers_have_the_published_digest() {
    let mut hash = Sha256::new();
    let mut published = PUBLISHED.into_iter();
    let mut next = published.next();
    for (number, double) in (1..).zip(doubles().take(PUBLISHED[2].0)) {
        hash.update(format!("{:x},{}\n", double.to_bits(), text_of(double)));
        assert_kept_or_refused(double);
        if let Some((lines, digest)) = next
            && lines == number
        {
            assert_eq!(
                Digest(hash.clone().finalize().into()).to_string(),
                format!("sha256:{digest}"),
                "{lines} lines"
            );
            next = published.next();
        }
    }
    assert!(next.is_none());
}
