//! One attempt at a file, from where the last one ended.

use std::io::Read;
use std::time::Duration;

use super::part::{Note, Part};
use super::{Checksum, Content, Download, FetchStatus, Fetched, check_file};
use crate::client::exchange::{self, Answer, Failure, Request};
use crate::client::{Client, Transfers, address, words};
use crate::{Error, Result};

/// An attempt that brought so much more counts as the first.
const PROGRESS: u64 = 1 << 20;
/// How often a file is fetched that arrives whole and is the wrong one.
const MOST_DAMAGED: u32 = 3;

/// What one download is about, over its attempts.
struct Course<'a> {
    download: &'a Download,
    url: &'a str,
    transfers: &'a dyn Transfers,
    /// Bytes that were here at the beginning, of what is in the file now.
    resumed: u64,
    told: bool,
    furthest: u64,
    /// Whether all that is here has come in this course: then it is of the same file, also where the server gives
    /// nothing to know it by.
    begun: bool,
}

impl Client {
    pub(super) fn fetch_from(
        &self,
        download: &Download,
        url: &str,
        part: &mut Part,
        transfers: &dyn Transfers,
    ) -> Result<Fetched> {
        if part.note.url != url {
            part.restart(Note::default())?;
        }
        let mut course = Course {
            download,
            url,
            transfers,
            resumed: part.length,
            told: false,
            furthest: part.length,
            begun: false,
        };
        self.persist(&|| transfers.interrupted(), || self.attempt(&mut course, part))?;
        part.finish()?;
        let status = match course.resumed {
            0 => FetchStatus::Complete,
            from => FetchStatus::Resumed { from },
        };
        Ok(Fetched {
            status,
            bytes: part.length,
            url: address::without_secrets(url),
        })
    }

    fn attempt(&self, course: &mut Course<'_>, part: &mut Part) -> Result<(), Failure> {
        course.may_go_on()?;
        let known = part.note.validator().is_some() || course.download.checksum.is_some() || course.begun;
        if part.length > 0 && !known {
            // Nothing would show that the rest belongs to it.
            course.restart(part, Note::default())?;
        }
        let mut request = Request {
            url: course.url,
            body: None,
            headers: Vec::new(),
            silence: self.options().timeout,
            compressed: false,
        };
        if part.length > 0 {
            request.headers.push(("range", format!("bytes={}-", part.length)));
            if let Some(validator) = part.note.validator() {
                request.headers.push(("if-range", validator.to_owned()));
            }
        }
        let mut answer = self.exchange(&request)?;
        let more = match answer.status() {
            200 => course.begin(part, &mut answer)?,
            206 if part.length > 0 => course.go_on(part, &answer)?,
            416 if part.length > 0 => course.beyond_the_end(part, &answer)?,
            status if status >= 300 => return Err(self.refusal(course.url, answer)),
            status => return Err(Failure::Final(course.unexpected(status))),
        };
        let sum = s3_checksum(&answer);
        if let Some(start) = more {
            course.told(part);
            let body = course.body(part, &mut answer, start);
            drop(answer);
            body.map_err(|failure| course.counted(failure, part))?;
        }
        course.verified(part, sum.as_ref())
    }
}

impl Course<'_> {
    fn may_go_on(&self) -> Result<(), Failure> {
        match self.transfers.interrupted() {
            true => Err(Failure::Final(Error::Interrupted {
                name: self.download.name.clone(),
            })),
            false => Ok(()),
        }
    }

    /// Tells of the file once.
    fn told(&mut self, part: &Part) {
        if !self.told {
            let total = self.download.size.or(part.note.size);
            self.transfers.started(&self.download.name, total, part.length);
            self.told = true;
        }
    }

    fn restart(&mut self, part: &mut Part, note: Note) -> Result<(), Failure> {
        if part.length > 0 && self.told {
            self.transfers.restarted(&self.download.name);
        }
        self.resumed = 0;
        part.restart(note).map_err(Failure::Final)
    }

    /// The server sends all of it: gives the first bytes, once they are known to be no web page.
    fn begin(&mut self, part: &mut Part, answer: &mut Answer<'_>) -> Result<Option<Vec<u8>>, Failure> {
        let mut start = vec![0; 1 << 12];
        let n = read(self, answer, &mut start)?;
        start.truncate(n);
        if self.download.content == Content::Fits && words::looks_like_html(&start) {
            // What is here of the file is kept: this is not it.
            let mut page = start;
            let _ = answer
                .response
                .body_mut()
                .as_reader()
                .take(1 << 16)
                .read_to_end(&mut page);
            return Err(self.damaged(format!("a web page came in its place: {}", words::of_body(&page))));
        }
        self.restart(part, note_of(self.url, answer))?;
        self.begun = true;
        Ok(Some(start))
    }

    /// The server sends the rest, if it is the rest of the same file.
    fn go_on(&mut self, part: &mut Part, answer: &Answer<'_>) -> Result<Option<Vec<u8>>, Failure> {
        let now = note_of(self.url, answer);
        let range = answer.header("content-range").and_then(content_range);
        let same = |old: &Option<String>, new: &Option<String>| old.is_none() || new.is_none() || old == new;
        let fits = range.is_some_and(|(first, total)| {
            first == Some(part.length)
                && (total.is_none() || part.note.size.is_none() || total == part.note.size)
        });
        if fits && same(&part.note.etag, &now.etag) && same(&part.note.last_modified, &now.last_modified) {
            part.at_end().map_err(Failure::Final)?;
            return Ok(Some(Vec::new()));
        }
        self.restart(part, Note::default())?;
        Err(at_once(self.broken(
            "the server sends the rest of another file: it starts again",
        )))
    }

    /// There is no rest: the part is the whole, or of something else.
    fn beyond_the_end(&mut self, part: &mut Part, answer: &Answer<'_>) -> Result<Option<Vec<u8>>, Failure> {
        let total = answer
            .header("content-range")
            .and_then(content_range)
            .and_then(|(_, total)| total);
        if total == Some(part.length) {
            return Ok(None);
        }
        self.restart(part, Note::default())?;
        Err(at_once(self.broken(
            "the server has less of it than is here: it starts again",
        )))
    }

    fn body(&mut self, part: &mut Part, answer: &mut Answer<'_>, start: Vec<u8>) -> Result<(), Failure> {
        let most = self.download.size.unwrap_or(u64::MAX);
        let mut buffer = start;
        let mut n = buffer.len();
        part.at_end().map_err(Failure::Final)?;
        loop {
            part.append(&buffer[..n]).map_err(Failure::Final)?;
            if n > 0 {
                self.transfers.received(&self.download.name, n as u64);
            }
            if part.length > most {
                let reason = format!("it is longer than the {most} bytes that it should have");
                self.restart(part, Note::default())?;
                return Err(self.damaged(reason));
            }
            self.may_go_on()?;
            buffer.resize(1 << 17, 0);
            n = read(self, answer, &mut buffer)?;
            if n == 0 {
                return Ok(());
            }
        }
    }

    /// Attempts that got on count as the first.
    fn counted(&mut self, failure: Failure, part: &Part) -> Failure {
        match failure {
            Failure::Again {
                error, wait, most, ..
            } => {
                let advanced = part.length >= self.furthest.saturating_add(PROGRESS);
                self.furthest = self.furthest.max(part.length);
                Failure::Again {
                    error,
                    wait,
                    most,
                    advanced,
                }
            }
            other => other,
        }
    }

    /// Checks what has come.
    fn verified(&mut self, part: &mut Part, sum: Option<&Checksum>) -> Result<(), Failure> {
        let download = self.download;
        if let (Some(announced), None) = (part.note.size, download.size)
            && part.length != announced
        {
            return Err(self.ended_early(part, announced));
        }
        if let Some(size) = download.size
            && part.length < size
            && part.note.size.is_none_or(|announced| announced == size)
        {
            return Err(self.ended_early(part, size));
        }
        let checked = check_file(
            part.path(),
            download.size,
            download.checksum.as_ref(),
            download.content,
        );
        let checked = checked.and_then(|()| match sum {
            Some(sum) if download.checksum.is_none() => {
                check_file(part.path(), None, Some(sum), Content::Any)
            }
            _ => Ok(()),
        });
        match checked {
            Ok(()) => Ok(()),
            Err(Error::BadFile { reason, .. }) => {
                self.restart(part, Note::default())?;
                Err(self.damaged(reason))
            }
            Err(error) => Err(Failure::Final(error)),
        }
    }

    fn ended_early(&self, part: &Part, whole: u64) -> Failure {
        Failure::again(self.broken(&format!(
            "the answer ended after {} of {whole} bytes",
            part.length
        )))
    }

    fn damaged(&self, reason: String) -> Failure {
        Failure::Again {
            error: Error::Damaged {
                name: self.download.name.clone(),
                url: address::without_secrets(self.url),
                reason,
                attempts: 1,
            },
            wait: None,
            most: MOST_DAMAGED,
            advanced: false,
        }
    }

    fn broken(&self, reason: &str) -> Error {
        Error::Transport {
            url: address::without_secrets(self.url),
            reason: reason.to_owned(),
            attempts: 1,
        }
    }

    fn unexpected(&self, status: u16) -> Error {
        Error::BadAnswer {
            url: address::without_secrets(self.url),
            reason: format!("the server answers {status} to a request for a file"),
        }
    }
}

/// Tries again without a pause.
fn at_once(error: Error) -> Failure {
    Failure::Again {
        error,
        wait: Some(Duration::ZERO),
        most: u32::MAX,
        advanced: false,
    }
}

fn read(course: &Course<'_>, answer: &mut Answer<'_>, buffer: &mut [u8]) -> Result<usize, Failure> {
    let silence = answer.silence;
    loop {
        match answer.response.body_mut().as_reader().read(buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            other => return other.map_err(|error| exchange::failure(course.url, &error.into(), silence)),
        }
    }
}

fn note_of(url: &str, answer: &Answer<'_>) -> Note {
    let encoded = answer
        .header("content-encoding")
        .is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity"));
    if encoded {
        // What is unpacked on its way has another length, and no middle to go on from.
        return Note {
            url: url.to_owned(),
            ..Note::default()
        };
    }
    Note {
        url: url.to_owned(),
        etag: answer
            .header("etag")
            .filter(|etag| etag.starts_with('"'))
            .map(str::to_owned),
        last_modified: answer.header("last-modified").map(str::to_owned),
        size: answer
            .header("content-length")
            .and_then(|length| length.trim().parse().ok()),
    }
}

/// First byte and total of `bytes 5-9/10`, `bytes 5-9/*` or `bytes */10`.
fn content_range(value: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (range, total) = value.trim().strip_prefix("bytes")?.trim().split_once('/')?;
    let first = range
        .split_once('-')
        .and_then(|(first, _)| first.trim().parse().ok());
    Some((first, total.trim().parse().ok()))
}

/// The MD5 that Amazon's S3 gives as the ETag of objects that were put there in one piece, and are not
/// encrypted with a key of their own.
fn s3_checksum(answer: &Answer<'_>) -> Option<Checksum> {
    let etag = answer.header("etag")?.trim_matches('"');
    let amazon = answer.header("server") == Some("AmazonS3");
    let keyed = answer
        .header("x-amz-server-side-encryption")
        .is_some_and(|method| method != "AES256");
    let plain = etag.len() == 32 && etag.bytes().all(|digit| digit.is_ascii_hexdigit());
    (amazon && !keyed && plain).then(|| Checksum::Md5(etag.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_in_each_form() {
        assert_eq!(content_range("bytes 5-9/10"), Some((Some(5), Some(10))));
        assert_eq!(content_range("bytes 5-9/*"), Some((Some(5), None)));
        assert_eq!(content_range("bytes */10"), Some((None, Some(10))));
        assert_eq!(content_range("lines 1-2/3"), None);
    }
}
