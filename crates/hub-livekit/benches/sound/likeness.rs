//! How much of the wave is left.

/// By how many samples `heard` is late: where it is most like `said`, within 50 ms.
pub fn shift(said: &[i16], heard: &[i16], rate: u32) -> usize {
    (0..rate as usize / 20)
        .min_by_key(|shift| {
            let pairs = said.iter().zip(heard.iter().skip(*shift)).step_by(3);
            pairs.map(|(one, other)| (i64::from(*one) - i64::from(*other)).pow(2)).sum::<i64>()
        })
        .unwrap()
}

/// Signal to noise in dB: of `heard` against `said`, shifted to where they are most alike.
pub fn decibels(said: &[i16], heard: &[i16], rate: u32) -> f64 {
    let shift = shift(said, heard, rate);
    let (mut signal, mut noise) = (0.0, 0.0);
    // The codec needs a moment to begin.
    let pairs = said.iter().zip(heard.iter().skip(shift)).skip(rate as usize / 10);
    for (one, other) in pairs {
        signal += f64::from(*one).powi(2);
        noise += (f64::from(*one) - f64::from(*other)).powi(2);
    }
    10.0 * (signal / noise.max(1.0)).log10()
}
