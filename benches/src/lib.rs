//! What the benches share: each prints one JSON object per line, with its
//! units in the names.

use std::time::Instant;

/// Seconds of processor time this process has used, all threads together;
/// where that is not to be had, seconds by the clock since the first call.
#[must_use]
pub fn cpu_s() -> f64 {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    }
    #[cfg(not(unix))]
    wall_s()
}

/// Seconds by the clock since the first call.
#[must_use]
pub fn wall_s() -> f64 {
    static FIRST: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed().as_secs_f64()
}
