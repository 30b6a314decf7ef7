//! The Debian packages that are needed, and what for.
//!
//! Data only: who needs which of them is the business of [`super`].

use super::{has_compose, has_faketime, on_path, postgres_programs, python};

/// A Debian package.
#[derive(Clone, Copy)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is needed for.
    pub(crate) why: &'static str,
    /// Whether the machine has what it brings, from wherever.
    pub(crate) present: fn() -> bool,
    /// Services that Debian starts when it installs the package, and that nobody here needs.
    pub(crate) services: &'static [&'static str],
}

/// The database of production.
pub(super) const POSTGRES: Package = Package {
    name: "postgresql",
    why: "the integration tests start a private Postgres of their own",
    present: || postgres_programs().is_some() && on_path("psql"),
    services: &["postgresql.service"],
};

/// What the tests need beyond what the build needs.
pub(super) const TEST_PACKAGES: [Package; 9] = [
    Package {
        name: "chromium",
        why: "the browser tests load real pages in it",
        present: || on_path("chromium"),
        services: &[],
    },
    Package {
        name: "firefox-esr",
        why: "the browser tests load real pages in it",
        present: || on_path("firefox-esr"),
        services: &[],
    },
    Package {
        name: "webkit2gtk-driver",
        why: "the browser tests load real pages in WebKit",
        present: || on_path("WebKitWebDriver"),
        services: &[],
    },
    Package {
        name: "xvfb",
        why: "WebKit needs a screen to draw on, if only in memory",
        present: || on_path("Xvfb"),
        services: &[],
    },
    Package {
        name: "nginx",
        why: "the browser tests load the beacon through it, as docs/hosting.md says",
        present: || on_path("nginx"),
        services: &["nginx.service"],
    },
    Package {
        name: "libfaketime",
        why: "the integration tests step a collector's clock with it",
        present: has_faketime,
        services: &[],
    },
    Package {
        name: "slowhttptest",
        why: "the integration tests have it hold connections with slow headers and bodies",
        present: || on_path("slowhttptest"),
        services: &[],
    },
    Package {
        name: "docker-compose",
        why: "the tests have it read the compose file, where Docker has no compose of its own",
        present: has_compose,
        services: &[],
    },
    Package {
        name: "python3-venv",
        why: "schemathesis, which asks the API whatever its document allows, is a Python program",
        present: python::is_present,
        services: &[],
    },
];

/// What the monitoring stack needs, with and without tests.
pub(super) const STACK_PACKAGES: [Package; 9] = [
    POSTGRES,
    Package {
        name: "prometheus",
        why: "the integration tests have it scrape the collector, and promtool check its metrics",
        present: || on_path("prometheus") && on_path("promtool"),
        services: &["prometheus.service"],
    },
    Package {
        name: "caddy",
        why: "the browser tests load the beacon through it, as docs/hosting.md says",
        present: || on_path("caddy"),
        services: &["caddy.service"],
    },
    Package {
        name: "prometheus-alertmanager",
        why: "the stack sends alerts with it, and amtool checks its configuration",
        present: || on_path("amtool"),
        services: &["prometheus-alertmanager.service"],
    },
    Package {
        name: "prometheus-node-exporter",
        why: "the stack measures the host with it",
        present: || on_path("prometheus-node-exporter"),
        services: &["prometheus-node-exporter.service"],
    },
    Package {
        name: "prometheus-postgres-exporter",
        why: "the stack measures the database with it",
        present: || on_path("prometheus-postgres-exporter"),
        services: &["prometheus-postgres-exporter.service"],
    },
    Package {
        name: "prometheus-redis-exporter",
        why: "the stack measures the cache with it",
        present: || on_path("prometheus-redis-exporter"),
        services: &["prometheus-redis-exporter.service"],
    },
    Package {
        name: "prometheus-blackbox-exporter",
        why: "the stack looks at certificates with it",
        present: || on_path("prometheus-blackbox-exporter"),
        services: &["prometheus-blackbox-exporter.service"],
    },
    Package {
        name: "redis-server",
        why: "the stack has a cache",
        present: || on_path("redis-server"),
        services: &["redis-server.service"],
    },
];
