//! Temp.
/// t
pub struct State {
    /// s
    pub store: std::sync::Arc<dyn crate::store::Store>,
    /// c
    pub clock: crate::event::Clock,
}
/// r
pub fn router(_s: State) -> axum::Router {
    axum::Router::new()
}
