//! Who asks: visitors who come back, and as many that nobody met before.

/// How many visitors come back.
const RETURNING: usize = 10_000;

/// The requests of one connection, one after the other, for ever.
///
/// By turns a returning visitor and a new one. Returning visitors come in a fixed circle, each
/// to the same campaign, so that their histories grow and nobody is asked for twice at once.
#[derive(Debug)]
pub(crate) struct Visits {
    returning: Vec<Vec<u8>>,
    new: Vec<Vec<u8>>,
    turn: usize,
}

impl Visits {
    /// Shares the visitors of these campaigns among `connections`.
    pub(crate) fn shared(connections: usize, campaigns: &[u32]) -> Vec<Self> {
        let visitors = |first| (first..RETURNING).step_by(connections);
        let returning = |visitor| request(campaigns[visitor % campaigns.len()], Some(visitor));
        (0..connections)
            .map(|number| Self {
                returning: visitors(number).map(returning).collect(),
                new: campaigns.iter().map(|it| request(*it, None)).collect(),
                turn: number,
            })
            .collect()
    }

    /// The bytes of the next request.
    pub(crate) fn next(&mut self) -> &[u8] {
        self.turn += 1;
        let place = self.turn / 2;
        let requests = if self.turn.is_multiple_of(2) { &self.returning } else { &self.new };
        &requests[place % requests.len()]
    }
}

/// A request for a decision, with the headers a browser's `fetch` would at least send.
pub(crate) fn request(campaign: u32, visitor: Option<usize>) -> Vec<u8> {
    let cookie = visitor
        .map(|it| format!("Cookie: unique_id=01234567-89ab-4cde-8f01-{it:012x}\r\n"))
        .unwrap_or_default();
    let request = format!(
        "GET /api/v1/serve/{campaign} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\n\
         Accept: application/json\r\n{cookie}\r\n"
    );
    request.into_bytes()
}
