//! A blob on its way out of a folder.

use super::{FolderBlobs, unusable};
use crate::artifacts::blob_store::BlobReader;
use crate::audit::Digest;
use crate::ids::AgentId;
use crate::{Error, Result};
use async_trait::async_trait;
use bytes::Bytes;
use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};

#[derive(Debug)]
pub(super) struct FolderReader {
    store: FolderBlobs,
    file: Option<File>,
    size: u64,
}

impl FolderReader {
    pub(super) fn open(store: &FolderBlobs, agent: AgentId, digest: &Digest, from: u64) -> Result<Self> {
        let failed = |cause: std::io::Error| match cause.kind() {
            ErrorKind::NotFound => Error::new(
                hub_protocol::vocabulary::ErrorKind::Internal,
                "blob_missing",
                "the artifact's bytes are not where they should be",
            )
            .because(cause),
            _ => unusable(&store.folder, cause),
        };
        let mut file = File::open(store.blob(agent, digest)).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        if from > 0 {
            file.seek(SeekFrom::Start(from)).map_err(failed)?;
        }
        Ok(Self { store: store.clone(), file: Some(file), size })
    }
}

#[async_trait]
impl BlobReader for FolderReader {
    fn size(&self) -> u64 {
        self.size
    }

    async fn read(&mut self, most: usize) -> Result<Bytes> {
        // Gone only when an earlier call was given up in the middle.
        let Some(mut file) = self.file.take() else {
            return Err(Error::unavailable("artifacts_unusable", "artifacts cannot be read now"));
        };
        let work = move || {
            let mut bytes = Vec::with_capacity(most);
            let mut part = (&mut file).take(u64::try_from(most).unwrap_or(u64::MAX));
            part.read_to_end(&mut bytes).map(|_| (file, bytes))
        };
        match tokio::task::spawn_blocking(work).await.map_err(Error::internal)? {
            Ok((file, bytes)) => {
                self.file = Some(file);
                Ok(bytes.into())
            }
            Err(cause) => Err(unusable(&self.store.folder, cause)),
        }
    }
}
