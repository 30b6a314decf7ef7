//! Routes, each with who may use it.
//!
//! In: a path, a method, the least role, and what answers. Out: a router, and the table of what is in it. What
//! must never happen: a route without a rule. So rooms hand over [`Routes`], which can be made in no other way,
//! and the rule is laid around the handler itself: there is no second reading of a path that could differ.

use std::convert::Infallible;

use axum::{
    Router,
    handler::Handler,
    http::Method,
    middleware::from_fn_with_state,
    routing::{MethodFilter, MethodRouter, on},
};

use super::{Door, guard};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Least {
    /// Anybody, from any page: the door is not asked.
    World,
    /// Anybody, but what changes something from our pages only.
    Visitor,
    /// Who may see what was measured.
    Viewer,
    /// Who may see money and leads too.
    Analyst,
    /// Who manages people, tokens and sites.
    Admin,
}

/// A route, as the table lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The method; HEAD goes with GET.
    pub method: Method,
    /// The path, as the router has it.
    pub path: &'static str,
    /// Who may use it.
    pub least: Least,
}

/// Routes with their rules.
pub struct Routes<S = ()> {
    door: Door,
    router: Router<S>,
    table: Vec<Rule>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// None yet.
    #[must_use]
    pub fn new(door: &Door) -> Self {
        Self {
            door: door.clone(),
            router: Router::new(),
            table: Vec::new(),
        }
    }

    /// Adds what answers GET, and HEAD.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, least: Least, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(Method::GET, path, least, on(MethodFilter::GET, handler))
    }

    /// Adds what answers POST.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, least: Least, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(Method::POST, path, least, on(MethodFilter::POST, handler))
    }

    /// Adds what answers PUT.
    #[must_use]
    pub fn put<H, T>(self, path: &'static str, least: Least, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(Method::PUT, path, least, on(MethodFilter::PUT, handler))
    }

    /// Adds what answers PATCH.
    #[must_use]
    pub fn patch<H, T>(self, path: &'static str, least: Least, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(Method::PATCH, path, least, on(MethodFilter::PATCH, handler))
    }

    /// Adds what answers DELETE.
    #[must_use]
    pub fn delete<H, T>(self, path: &'static str, least: Least, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let handler = on(MethodFilter::DELETE, handler);
        self.add(Method::DELETE, path, least, handler)
    }

    fn add(
        mut self,
        method: Method,
        path: &'static str,
        least: Least,
        handler: MethodRouter<S, Infallible>,
    ) -> Self {
        let guarded = if least == Least::World {
            handler
        } else {
            let state = (self.door.clone(), least);
            handler
                .layer::<_, Infallible>(from_fn_with_state(state, guard::check))
                .layer(self.door.0.sessions.clone())
        };
        self.router = self.router.route(path, guarded);
        self.table.push(Rule {
            method,
            path,
            least,
        });
        self
    }

    /// Adds another room's.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.table.extend(other.table);
        self
    }

    /// Lays something around all of them, or gives them their state. Not for adding routes: these would have
    /// no rule.
    #[must_use]
    pub fn dress<T>(self, dress: impl FnOnce(Router<S>) -> Router<T>) -> Routes<T> {
        Routes {
            door: self.door,
            router: dress(self.router),
            table: self.table,
        }
    }

    /// What is in it.
    #[must_use]
    pub fn table(&self) -> &[Rule] {
        &self.table
    }

    /// The router that serves them.
    pub fn into_router(self) -> Router<S> {
        self.router
    }
}
