//! HTTP requests to a server.

use super::{Error, Tls, chain};
use std::time::Duration;

/// The longest answer that is taken in.
const MOST_BODY_BYTES: usize = 8 << 20;

/// A client that keeps its connections. A clone is cheap.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
}

/// What a server answered, whatever its status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body, unless the status is an error.
    pub(crate) fn success(self) -> Result<Vec<u8>, Error> {
        if self.status < 400 {
            return Ok(self.body);
        }
        let text = self.body.get(..500).unwrap_or(&self.body);
        Err(Error::Status {
            status: self.status,
            text: super::without_tokens(String::from_utf8_lossy(text).trim()),
        })
    }
}

impl Http {
    pub(crate) fn new(tls: &Tls) -> Result<Self, Error> {
        let config = (*tls.config()).clone();
        // A redirected request would carry the token elsewhere.
        let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let builder = builder.tls_backend_preconfigured(config);
        let client = builder.build().map_err(|cause| Error::Tls(chain(&cause)))?;
        Ok(Self { client })
    }

    pub(crate) async fn get(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        within: Duration,
    ) -> Result<Answer, Error> {
        self.send(self.client.get(url), headers, within).await
    }

    pub(crate) async fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
        within: Duration,
    ) -> Result<Answer, Error> {
        self.send(self.client.post(url).body(body), headers, within).await
    }

    async fn send(
        &self,
        request: reqwest::RequestBuilder,
        headers: &[(&str, &str)],
        within: Duration,
    ) -> Result<Answer, Error> {
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let mut response = request.timeout(within).send().await.map_err(|cause| told(&cause))?;
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers =
            headers.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
        let headers = headers.collect();
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|cause| told(&cause))? {
            if body.len() + part.len() > MOST_BODY_BYTES {
                return Err(Error::Connection(format!("the answer is longer than {MOST_BODY_BYTES} bytes")));
            }
            body.extend_from_slice(&part);
        }
        Ok(Answer { status, headers, body })
    }
}

fn told(failure: &reqwest::Error) -> Error {
    if failure.is_timeout() {
        return Error::Timeout;
    }
    // The URL may hold a token.
    let text = chain(failure);
    let text = failure.url().map_or(text.clone(), |url| text.replace(url.as_str(), "the server"));
    match failure {
        _ if failure.is_builder() => Error::Url(text),
        _ if text.contains("certificate") => Error::Tls(text),
        _ => Error::Connection(text),
    }
}
