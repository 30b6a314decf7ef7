//! The words that describe a page view and the parts of a vital, on the wire and in reports.

/// Defines an enum whose variants are words on the wire.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $(#[$doc:meta])* $variant:ident = $word:literal, )+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name {
            $(
                $(#[$doc])*
                #[cfg_attr(feature = "serde", serde(rename = $word))]
                $variant,
            )+
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some(Self::ALL.iter().map(|one| one.word())))
                    .into()
            }
        }

        impl $name {
            /// Every word, in the order of the definition.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The variant with that word, if there is one.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|variant| variant.word() == word)
            }
        }
    };
}

words! {
    /// How the page view began. The names are those of the web-vitals library.
    pub enum NavigationType {
        /// A link, a typed address, a form.
        Navigate = "navigate",
        /// A reload.
        Reload = "reload",
        /// Back or forward, with a new load.
        BackForward = "back-forward",
        /// Back or forward, restored from the back/forward cache.
        BackForwardCache = "back-forward-cache",
        /// Rendered before the visitor asked for it; times count from the activation.
        Prerender = "prerender",
        /// A tab that the browser had discarded.
        Restore = "restore",
        /// A new address without a new document.
        SoftNavigation = "soft-navigation",
    }
}

words! {
    /// The effective connection type (<https://wicg.github.io/netinfo/#effectiveconnectiontype-enum>).
    pub enum Connection {
        /// Round trips of 2 s and more.
        Slow2g = "slow-2g",
        /// Round trips of about 1.4 s.
        TwoG = "2g",
        /// Round trips of about 270 ms.
        ThreeG = "3g",
        /// Anything faster.
        FourG = "4g",
    }
}

words! {
    /// The class of the viewport's width when the page view began.
    pub enum Viewport {
        /// Narrower than 768 CSS pixels.
        Phone = "phone",
        /// From 768 to 1023 CSS pixels.
        Tablet = "tablet",
        /// 1024 CSS pixels and wider.
        Desktop = "desktop",
    }
}

words! {
    /// How far the document had loaded when something happened. The names are those of the
    /// web-vitals library.
    pub enum LoadState {
        /// Its HTML was being read.
        Loading = "loading",
        /// Its HTML was read, and deferred scripts ran.
        DomInteractive = "dom-interactive",
        /// Deferred scripts had run; images and the like were loading.
        DomContentLoaded = "dom-content-loaded",
        /// Everything was there.
        Complete = "complete",
    }
}

words! {
    /// A named part of a vital, in ms. LCP is the sum of its first four, INP of the next three, FCP
    /// of `first-byte` and `render-delay`.
    pub enum Part {
        /// LCP and FCP: until the document's first byte.
        FirstByte = "first-byte",
        /// LCP: from the first byte until the resource was asked for.
        LoadDelay = "load-delay",
        /// LCP: while the resource loaded.
        LoadTime = "load-time",
        /// LCP: from the loaded resource until it was painted. FCP: all after the first byte.
        RenderDelay = "render-delay",
        /// INP: from the input until its handlers ran.
        InputDelay = "input-delay",
        /// INP: while the handlers ran.
        Processing = "processing",
        /// INP: from the end of the handlers until the next paint.
        Presentation = "presentation",
        /// TTFB: redirects and waiting.
        Wait = "wait",
        /// TTFB: looking into the cache.
        Cache = "cache",
        /// TTFB: resolving the name.
        Dns = "dns",
        /// TTFB: connecting, with TLS.
        Connect = "connect",
        /// TTFB: from the request until the first byte.
        Request = "request",
        /// INP: while the longest script ran, which `script` names. It lies inside the other parts
        /// and is not added to them.
        Script = "script",
    }
}
