//! Points in time. Rules of a language turn words into fields ("half past six" is hour 6, minute
//! 30); `jiff` reads those, knows the calendar and the zone, and does the arithmetic. What is left
//! here is what people mean when they leave something out.

use super::matcher;
use super::slots::Place;
use super::text::Kind;
use crate::clock::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, ZonedDateTime};
use std::collections::BTreeMap;

/// What a moment may say:
/// `after`, a duration ("20 minutes"); `day`, days from today; `weekday`, its English name, and
/// `week`, `next` for the one of the next calendar week; `month_day`, `month` (English name),
/// `year`; `clock` ("17:30"), or `hour` and `minute` (negative: before the hour); `half`, the part of
/// the day: am, pm, morning, afternoon, evening, night, exact.
pub(super) const FIELDS: &[&str] =
    &["after", "day", "weekday", "week", "month_day", "month", "year", "clock", "hour", "minute", "half"];

/// Pieces of one moment, as in "next Friday | at nine | in the morning".
const PIECES: usize = 4;
/// Moments that may start at one position; rules that could tell more of them apart are cut short.
const MOMENTS: usize = 1_000;

/// What was said about a moment.
pub(super) type Fields = BTreeMap<String, String>;

/// The moments that start at a position, longest first, each with where it ends.
pub(super) fn moments(place: &Place<'_>, at: usize) -> Vec<(usize, Fields)> {
    let mut found = Vec::new();
    extend(place, at, &Fields::new(), 0, &mut found);
    found.sort_by_key(|(end, _)| std::cmp::Reverse(*end));
    found.dedup();
    found
}

fn extend(place: &Place<'_>, at: usize, known: &Fields, depth: usize, found: &mut Vec<(usize, Fields)>) {
    if depth >= PIECES {
        return;
    }
    for (end, piece) in pieces(place, at) {
        if found.len() >= MOMENTS {
            return;
        }
        if piece.keys().any(|key| known.contains_key(key)) {
            continue;
        }
        let mut fields = known.clone();
        fields.extend(piece);
        found.push((end, fields.clone()));
        let pause = place.sentence.tokens.get(end).is_some_and(|token| token.kind == Kind::Pause);
        extend(place, end + usize::from(pause), &fields, depth + 1, found);
    }
}

fn pieces(place: &Place<'_>, at: usize) -> Vec<(usize, Fields)> {
    let mut found = Vec::new();
    for rule in place.moments {
        let super::source::Purpose::Moment { fields } = &rule.purpose else {
            continue;
        };
        for template in &rule.templates {
            if template.first.as_ref().is_some_and(|first| !first.contains(place.sentence.norm(at))) {
                continue;
            }
            for matched in matcher::run(template, place, at, false, |_| true) {
                let value = |slot: &str| super::compose::captured(place.sentence, &matched, slot);
                let filled: Option<Fields> = fields
                    .iter()
                    .map(|(name, pattern)| Some((name.clone(), super::compose::fill(pattern, value)?)))
                    .collect();
                found.extend(filled.map(|fields| (matched.end, fields)));
            }
        }
    }
    found
}

/// Whether this is a day of the calendar and no more.
pub(super) fn is_date(fields: &Fields) -> bool {
    fields.contains_key("month")
        && fields.contains_key("month_day")
        && fields.keys().all(|key| matches!(key.as_str(), "month" | "month_day" | "year"))
}

/// The fields as the text of a slot.
pub(super) fn encode(fields: &Fields) -> String {
    fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(";")
}

fn decode(text: &str) -> Fields {
    text.split(';')
        .filter_map(|field| field.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The instant that is meant by words said at `now` in a time zone; `None` when they name none, or
/// one that has passed.
pub(super) fn resolve(encoded: &str, now: Timestamp, time_zone: &str) -> Option<Timestamp> {
    let fields = decode(encoded);
    let zone = TimeZone::get(time_zone).ok()?;
    let now = ZonedDateTime::new(jiff::Timestamp::from_microsecond(now.0).ok()?, zone);
    let meant = instant(&fields, &now)?;
    (meant > now).then(|| Timestamp(meant.timestamp().as_microsecond()))
}

fn instant(fields: &Fields, now: &ZonedDateTime) -> Option<ZonedDateTime> {
    let clock = spoken_clock(fields)?;
    if let Some(after) = fields.get("after") {
        let span: Span = after.parse().ok()?;
        let later = now.checked_add(span).ok()?;
        // "in two days at nine" has both; "in two hours at nine" contradicts itself.
        let days = span.get_hours() == 0 && span.get_minutes() == 0 && span.get_seconds() == 0;
        let alone =
            fields.keys().all(|name| matches!(name.as_str(), "after" | "clock" | "hour" | "minute" | "half"));
        return match clock {
            Some(clock) if days && alone => at(later.date(), clock.on_a_day(), now),
            None if alone => Some(later),
            _ => None,
        };
    }
    match (day(fields, now)?, clock) {
        (Some(date), Some(clock)) if date == now.date() => today(clock, now),
        (Some(date), Some(clock)) => {
            let date = if clock.after_midnight { date.tomorrow().ok()? } else { date };
            at(date, clock.on_a_day(), now)
        }
        // A day without a time: in the morning.
        (Some(date), None) => at(date, Time::constant(9, 0, 0, 0), now),
        (None, Some(clock)) => next(clock, now),
        (None, None) => None,
    }
}

fn at(date: Date, time: Time, now: &ZonedDateTime) -> Option<ZonedDateTime> {
    // A time that the change to summer time leaves out becomes the one an hour later.
    now.time_zone().to_zoned_datetime(date.to_datetime(time)).ok()
}

/// The day that is named, if one is; `None` outside when the words name no possible day.
fn day(fields: &Fields, now: &ZonedDateTime) -> Option<Option<Date>> {
    let today = now.date();
    if let Some(days) = fields.get("day") {
        let days: i64 = days.trim_start_matches('+').parse().ok()?;
        return today.checked_add(Span::new().try_days(days).ok()?).ok().map(Some);
    }
    if let Some(name) = fields.get("weekday") {
        let weekday = jiff::fmt::strtime::parse("%A", name).ok()?.weekday()?;
        return weekday_after(today, weekday, fields.get("week").is_some_and(|week| week == "next"))
            .map(Some);
    }
    let Some(number) = fields.get("month_day") else {
        return Some(None);
    };
    let number: i8 = number.parse().ok()?;
    let year: Option<i16> = fields.get("year").map(|year| year.parse().ok()).unwrap_or(Some(today.year()));
    let date = if let Some(month) = fields.get("month") {
        let month = jiff::fmt::strtime::parse("%B", month).ok()?.month()?;
        let date = Date::new(year?, month, number).ok()?;
        let passed = date < today && !fields.contains_key("year");
        if passed { Date::new(today.year().checked_add(1)?, month, number).ok()? } else { date }
    } else {
        let date = Date::new(today.year(), today.month(), number).ok();
        let later = today.first_of_month().checked_add(Span::new().try_months(1).ok()?).ok()?;
        date.filter(|date| *date > today).or_else(|| Date::new(later.year(), later.month(), number).ok())?
    };
    Some(Some(date))
}

/// The next such day behind today; with `next_week`, the one of the week that starts on the next
/// Monday.
fn weekday_after(today: Date, weekday: Weekday, next_week: bool) -> Option<Date> {
    if next_week {
        let monday = today.nth_weekday(1, Weekday::Monday).ok()?;
        return monday.checked_add(Span::new().try_days(weekday.to_monday_zero_offset()).ok()?).ok();
    }
    today.nth_weekday(1, weekday).ok()
}

/// A time of the day as it was said.
#[derive(Debug, Clone, Copy)]
struct Spoken {
    time: Time,
    /// It may as well be twelve hours later.
    ambiguous: bool,
    /// "one at night" belongs to the day that follows.
    after_midnight: bool,
}

impl Spoken {
    /// On a named day, "at five" is in the afternoon and "at eight" in the morning.
    fn on_a_day(self) -> Time {
        if self.ambiguous && (1..7).contains(&self.time.hour()) {
            half_a_day_later(self.time)
        } else {
            self.time
        }
    }
}

fn half_a_day_later(time: Time) -> Time {
    time.wrapping_add(SignedDuration::from_hours(12))
}

/// The time of the day that the fields name, if they do; `None` outside when it is impossible.
fn spoken_clock(fields: &Fields) -> Option<Option<Spoken>> {
    let half = fields.get("half").map(String::as_str);
    let (text, minutes) = match (fields.get("clock"), fields.get("hour")) {
        (Some(clock), None) => (clock.clone(), 0_i64),
        (None, Some(hour)) => {
            (format!("{hour}:00"), fields.get("minute").map_or(Some(0), |minute| minute.parse().ok())?)
        }
        (Some(_), Some(_)) => return None,
        (None, None) => {
            let usual = match half {
                None => return Some(None),
                Some("morning") => 9,
                Some("afternoon") => 15,
                Some("evening") => 19,
                Some("night") => 20,
                Some(_) => return None,
            };
            let time = Time::new(usual, 0, 0, 0).ok()?;
            return Some(Some(Spoken { time, ambiguous: false, after_midnight: false }));
        }
    };
    let named = jiff::fmt::strtime::parse("%H:%M", &text).ok()?.to_time().ok()?;
    let twelve_hours = (1..=12).contains(&named.hour()) && !text.starts_with('0');
    let from_midnight = named.hour() % 12;
    let (hour, ambiguous, after_midnight) = match half {
        Some("am" | "morning") if twelve_hours => (from_midnight, false, false),
        Some("pm" | "afternoon" | "evening") if twelve_hours => (from_midnight + 12, false, false),
        Some("night") if twelve_hours && (6..12).contains(&named.hour()) => {
            (from_midnight + 12, false, false)
        }
        Some("night") if twelve_hours => (from_midnight, false, true),
        Some("am" | "pm") => return None,
        None => (named.hour(), twelve_hours && named.hour() < 12, false),
        Some(_) => (named.hour(), false, false),
    };
    let time =
        Time::new(hour, named.minute(), 0, 0).ok()?.wrapping_add(Span::new().try_minutes(minutes).ok()?);
    Some(Some(Spoken { time, ambiguous, after_midnight }))
}

/// The time on this very day; half a day later if it has passed and could be meant so.
fn today(clock: Spoken, now: &ZonedDateTime) -> Option<ZonedDateTime> {
    let date = if clock.after_midnight { now.date().tomorrow().ok()? } else { now.date() };
    let first = at(date, clock.time, now)?;
    if !clock.ambiguous || (first > *now && clock.time.hour() >= 6) {
        return Some(first);
    }
    at(date, half_a_day_later(clock.time), now)
}

/// The next time that a clock shows this. Between midnight and six people are asleep: said without
/// "am", the afternoon is meant.
fn next(clock: Spoken, now: &ZonedDateTime) -> Option<ZonedDateTime> {
    let tomorrow = now.date().tomorrow().ok()?;
    let mut times = vec![clock.time];
    if clock.ambiguous {
        times.push(half_a_day_later(clock.time));
        times.retain(|time| time.hour() >= 6);
    }
    let instants =
        [now.date(), tomorrow].into_iter().flat_map(|date| times.iter().map(move |time| (date, *time)));
    instants.filter_map(|(date, time)| at(date, time, now)).filter(|instant| instant > now).min()
}
