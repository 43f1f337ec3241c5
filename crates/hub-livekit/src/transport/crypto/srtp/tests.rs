use super::*;
use proptest::prelude::*;

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn array<const LENGTH: usize>(hex: &str) -> [u8; LENGTH] {
    bytes(hex).try_into().unwrap()
}

/// RFC 3711, appendix B.2: the key stream of AES in counter mode.
#[test]
fn the_key_stream_of_the_rfc() {
    let key = array("2B7E151628AED2A6ABF7158809CF4F3C");
    let iv = array("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000");
    let mut stream = [0; 48];
    SupportedAes128CmSha1_80::create_cipher(&Srtp, key, true).encrypt(&iv, &[0; 48], &mut stream).unwrap();
    let expected = "E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB \
                    41E95B3BB0A2E8DD477901E4FCA894C0";
    assert_eq!(stream.to_vec(), bytes(expected));
}

/// RFC 3711, appendix B.3: the first session key, of one block.
#[test]
fn the_session_key_of_the_rfc() {
    let key = bytes("E1F97A0D3E018BE0D64FA32C06DE4139");
    let mut made = [0; 32];
    Srtp.srtp_aes_128_ecb_round(&key, &bytes("0EC675AD498AFEEBB6960B3AABE60000"), &mut made);
    assert_eq!(made[..16].to_vec(), bytes("C61E7A93744F39EE10734AFE3FF7A087"));
}

/// FIPS 197, appendix C.3.
#[test]
fn one_block_of_the_long_key() {
    let key: Vec<u8> = (0..32).collect();
    let mut made = [0; 16];
    Srtp.srtp_aes_256_ecb_round(&key, &bytes("00112233445566778899aabbccddeeff"), &mut made);
    assert_eq!(made.to_vec(), bytes("8ea2b7ca516745bfeafc49904b496089"));
}

/// RFC 7714, section 16.1.1: an SRTP packet by AES-128 in GCM.
#[test]
fn the_packet_of_the_rfc() {
    let key = array("000102030405060708090a0b0c0d0e0f");
    let iv = array("51753c6580c2726f20718414");
    let header = bytes("8040f17b 8041f8d3 5501a0b2");
    let text = b"Gallia est omnis divisa in partes tres";
    let sealed = bytes(
        "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce",
    );
    let mut cipher = SupportedAeadAes128Gcm::create_cipher(&Srtp, key, true);
    let mut made = vec![0; text.len() + TAG];
    cipher.encrypt(&iv, &header, text, &mut made).unwrap();
    assert_eq!(made, sealed);
    let mut opened = vec![0; text.len()];
    let (first, second) = header.split_at(5);
    assert_eq!(cipher.decrypt(&iv, &[first, second], &sealed, &mut opened).unwrap(), text.len());
    assert_eq!(opened, text);
}

/// A key or a block of another length gives no key that others know.
#[test]
fn wrong_lengths_give_no_known_key() {
    let (mut one, mut other) = ([0; 16], [0; 16]);
    Srtp.srtp_aes_128_ecb_round(&[0; 15], &[0; 16], &mut one);
    Srtp.srtp_aes_128_ecb_round(&[0; 16], &[0; 3], &mut other);
    assert_ne!(one, [0; 16]);
    assert_ne!(one, other);
}

proptest! {
    #[test]
    fn what_was_changed_on_the_way_is_refused(
        key: [u8; 32], iv: [u8; 12], text in prop::collection::vec(any::<u8>(), 0..200),
        at in any::<prop::sample::Index>(), change in 1..=255_u8,
    ) {
        let mut cipher = SupportedAeadAes256Gcm::create_cipher(&Srtp, key, true);
        let mut sealed = vec![0; text.len() + TAG];
        cipher.encrypt(&iv, &[7; 12], &text, &mut sealed).unwrap();
        let mut opened = vec![0; text.len()];
        cipher.decrypt(&iv, &[&[7; 12]], &sealed, &mut opened).unwrap();
        prop_assert_eq!(&opened, &text);
        let at = at.index(sealed.len());
        sealed[at] ^= change;
        prop_assert!(cipher.decrypt(&iv, &[&[7; 12]], &sealed, &mut opened).is_err());
    }

    #[test]
    fn packets_of_any_length_are_only_refused(input in prop::collection::vec(any::<u8>(), 0..40), room in 0..40_usize) {
        let mut output = vec![0; room];
        let mut cipher = SupportedAeadAes128Gcm::create_cipher(&Srtp, [1; 16], false);
        prop_assert!(cipher.decrypt(&[0; 12], &[&[0; 12]], &input, &mut output).is_err());
        let counter = SupportedAes128CmSha1_80::create_cipher(&Srtp, [1; 16], false).encrypt(&[0; 16], &input, &mut output);
        prop_assert_eq!(counter.is_ok(), input.len() <= room);
    }
}
