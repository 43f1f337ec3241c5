//! The ciphers of SRTP: AES in GCM (RFC 7714) by ring, AES in counter mode (RFC 3711) by RustCrypto.

use aes::cipher::{BlockCipherEncrypt, InnerIvInit, KeyInit, StreamCipher};
use aes::{Aes128, Aes256, Block};
use ctr::CtrCore;
use ctr::cipher::StreamCipherCoreWrapper;
use ctr::flavors::Ctr128BE;
use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, Tag, UnboundKey};
use std::fmt;
use str0m_proto::crypto::{
    AeadAes128GcmCipher, AeadAes256GcmCipher, Aes128CmSha1_80Cipher, CryptoError, SrtpProvider,
    SupportedAeadAes128Gcm, SupportedAeadAes256Gcm, SupportedAes128CmSha1_80,
};

/// Length of the tag that GCM adds.
const TAG: usize = 16;

type Counter = StreamCipherCoreWrapper<CtrCore<Aes128, Ctr128BE>>;

/// Makes the ciphers; without a state.
#[derive(Debug)]
pub(super) struct Srtp;

impl SrtpProvider for Srtp {
    fn aes_128_cm_sha1_80(&self) -> &'static dyn SupportedAes128CmSha1_80 {
        &Srtp
    }

    fn aead_aes_128_gcm(&self) -> &'static dyn SupportedAeadAes128Gcm {
        &Srtp
    }

    fn aead_aes_256_gcm(&self) -> &'static dyn SupportedAeadAes256Gcm {
        &Srtp
    }

    fn srtp_aes_128_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        block::<Aes128>(key, input, output);
    }

    fn srtp_aes_256_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        block::<Aes256>(key, input, output);
    }
}

/// One block of AES, of which session keys are made.
fn block<Cipher: KeyInit + BlockCipherEncrypt>(key: &[u8], input: &[u8], output: &mut [u8])
where
    aes::cipher::Block<Cipher>: for<'a> TryFrom<&'a [u8]> + AsRef<[u8]>,
{
    let made = Cipher::new_from_slice(key).ok().zip(aes::cipher::Block::<Cipher>::try_from(input).ok());
    let Some((cipher, mut block)) = made else {
        // str0m gives the lengths of the profile. Were they ever others, nobody could read what is sent;
        // a key of zeros could be read by all.
        let _ = getrandom::fill(output);
        return;
    };
    cipher.encrypt_block(&mut block);
    output.iter_mut().zip(block.as_ref()).for_each(|(to, from)| *to = *from);
}

impl SupportedAes128CmSha1_80 for Srtp {
    fn create_cipher(&self, key: [u8; 16], _encrypt: bool) -> Box<dyn Aes128CmSha1_80Cipher> {
        Box::new(CounterMode(Aes128::new(&key.into())))
    }
}

struct CounterMode(Aes128);

impl fmt::Debug for CounterMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CounterMode").finish_non_exhaustive()
    }
}

impl Aes128CmSha1_80Cipher for CounterMode {
    fn encrypt(&mut self, iv: &[u8; 16], input: &[u8], output: &mut [u8]) -> Result<(), CryptoError> {
        let output = output.get_mut(..input.len()).ok_or_else(short)?;
        output.copy_from_slice(input);
        let core = CtrCore::inner_iv_init(self.0.clone(), &Block::from(*iv));
        Counter::from_core(core)
            .try_apply_keystream(output)
            .map_err(|error| CryptoError::Other(format!("AES in counter mode: {error}")))
    }

    fn decrypt(&mut self, iv: &[u8; 16], input: &[u8], output: &mut [u8]) -> Result<(), CryptoError> {
        self.encrypt(iv, input, output)
    }
}

/// The key of GCM; `None` where ring would not take one of that length, with which nothing can be sent.
struct Gcm(Option<LessSafeKey>);

impl fmt::Debug for Gcm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Gcm").finish_non_exhaustive()
    }
}

impl Gcm {
    fn new(algorithm: &'static Algorithm, key: &[u8]) -> Self {
        Self(UnboundKey::new(algorithm, key).ok().map(LessSafeKey::new))
    }

    fn key(&self) -> Result<&LessSafeKey, CryptoError> {
        self.0.as_ref().ok_or_else(|| CryptoError::Other("a key of a wrong length".to_owned()))
    }

    fn seal(&self, iv: [u8; 12], aad: &[u8], input: &[u8], output: &mut [u8]) -> Result<(), CryptoError> {
        let (text, rest) = output.split_at_mut_checked(input.len()).ok_or_else(short)?;
        let room = rest.get_mut(..TAG).ok_or_else(short)?;
        text.copy_from_slice(input);
        let nonce = Nonce::assume_unique_for_key(iv);
        let tag = self.key()?.seal_in_place_separate_tag(nonce, Aad::from(aad), text).map_err(refused)?;
        room.copy_from_slice(tag.as_ref());
        Ok(())
    }

    fn open(
        &self,
        iv: [u8; 12],
        aads: &[&[u8]],
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CryptoError> {
        let length = input.len().checked_sub(TAG).ok_or_else(short)?;
        let (sealed, tag) = input.split_at_checked(length).ok_or_else(short)?;
        let text = output.get_mut(..length).ok_or_else(short)?;
        text.copy_from_slice(sealed);
        let nonce = Nonce::assume_unique_for_key(iv);
        let tag = Tag::try_from(tag).map_err(refused)?;
        let key = self.key()?;
        match aads {
            [aad] => key.open_in_place_separate_tag(nonce, Aad::from(*aad), tag, text, 0..),
            _ => key.open_in_place_separate_tag(nonce, Aad::from(aads.concat()), tag, text, 0..),
        }
        .map_err(refused)?;
        Ok(length)
    }
}

fn short() -> CryptoError {
    CryptoError::Other("a packet or a buffer that is too short".to_owned())
}

fn refused(_: ring::error::Unspecified) -> CryptoError {
    CryptoError::Other("AES in GCM refused the packet".to_owned())
}

impl SupportedAeadAes128Gcm for Srtp {
    fn create_cipher(&self, key: [u8; 16], _encrypt: bool) -> Box<dyn AeadAes128GcmCipher> {
        Box::new(Gcm::new(&AES_128_GCM, &key))
    }
}

impl SupportedAeadAes256Gcm for Srtp {
    fn create_cipher(&self, key: [u8; 32], _encrypt: bool) -> Box<dyn AeadAes256GcmCipher> {
        Box::new(Gcm::new(&AES_256_GCM, &key))
    }
}

/// The same work behind the trait of each key length.
macro_rules! cipher {
    ($($trait:ident),+) => {$(
        impl $trait for Gcm {
            fn encrypt(
                &mut self,
                iv: &[u8; 12],
                aad: &[u8],
                input: &[u8],
                output: &mut [u8],
            ) -> Result<(), CryptoError> {
                self.seal(*iv, aad, input, output)
            }

            fn decrypt(
                &mut self,
                iv: &[u8; 12],
                aads: &[&[u8]],
                input: &[u8],
                output: &mut [u8],
            ) -> Result<usize, CryptoError> {
                self.open(*iv, aads, input, output)
            }
        }
    )+};
}

cipher!(AeadAes128GcmCipher, AeadAes256GcmCipher);

#[cfg(test)]
mod tests;
