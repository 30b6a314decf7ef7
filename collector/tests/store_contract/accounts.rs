//! People, sessions, tokens of programs, and the list of changes.

use std::sync::Arc;

use foresight::store::{
    ApiToken, Changed, Entry, Person, PersonChange, Role, Scope, SignedIn, Store,
};

use crate::database::Database;

const NOW_MS: i64 = 1_795_468_800_000;

fn person(name: &str, role: Role) -> Person {
    Person {
        name: name.to_owned(),
        role,
        password: format!("hash of {name}"),
        created_ms: NOW_MS,
        seen_ms: None,
    }
}

fn entry(action: &'static str, what: &str) -> Entry {
    Entry {
        at_ms: NOW_MS,
        who: "ada".to_owned(),
        action,
        what: what.to_owned(),
    }
}

fn session(person: &str) -> SignedIn {
    SignedIn {
        person: person.to_owned(),
        began_ms: NOW_MS,
        used_ms: NOW_MS,
    }
}

async fn add(store: &dyn Store, name: &str, role: Role) -> Changed {
    let entry = entry("user_added", name);
    store.add_person(&person(name, role), &entry).await.unwrap()
}

async fn change(store: &dyn Store, name: &str, change: &PersonChange) -> Changed {
    let entry = entry("user_changed", name);
    store.change_person(name, change, &entry).await.unwrap()
}

async fn remove(store: &dyn Store, name: &str) -> Changed {
    let entry = entry("user_removed", name);
    store.remove_person(name, &entry).await.unwrap()
}

async fn actions(store: &dyn Store) -> Vec<String> {
    let changes = store.audit(None, 100).await.unwrap();
    changes.into_iter().map(|change| change.action).collect()
}

fn role(role: Role) -> PersonChange {
    PersonChange {
        role: Some(role),
        password: None,
    }
}

pub(crate) async fn people_are_added_changed_and_removed_with_an_entry_each(database: Database) {
    let store = &*database.store;
    assert!(!store.has_people().await.unwrap());
    assert_eq!(add(store, "ada", Role::Admin).await, Changed::Done);
    assert_eq!(add(store, "bo", Role::Viewer).await, Changed::Done);
    assert_eq!(add(store, "bo", Role::Admin).await, Changed::Taken);
    assert!(store.has_people().await.unwrap());
    let both = PersonChange {
        role: Some(Role::Analyst),
        password: Some("another".to_owned()),
    };
    assert_eq!(change(store, "bo", &both).await, Changed::Done);
    assert_eq!(change(store, "cy", &both).await, Changed::Missing);
    let expected = Person {
        password: "another".to_owned(),
        ..person("bo", Role::Analyst)
    };
    assert_eq!(store.person("bo").await.unwrap(), Some(expected.clone()));
    let people = store.people().await.unwrap();
    assert_eq!(people, [person("ada", Role::Admin), expected]);
    assert_eq!(remove(store, "bo").await, Changed::Done);
    assert_eq!(store.person("bo").await.unwrap(), None);
    // What was refused left no entry.
    assert_eq!(
        actions(store).await,
        ["user_removed", "user_changed", "user_added", "user_added"]
    );
}

pub(crate) async fn the_last_admin_stays_one(database: Database) {
    let store = &*database.store;
    add(store, "ada", Role::Admin).await;
    add(store, "bo", Role::Viewer).await;
    let viewer = role(Role::Viewer);
    assert_eq!(remove(store, "ada").await, Changed::LastAdmin);
    assert_eq!(change(store, "ada", &viewer).await, Changed::LastAdmin);
    assert_eq!(change(store, "bo", &viewer).await, Changed::Done);
    add(store, "cy", Role::Admin).await;
    // Two who take the role away from one another at the same time: one of them wins.
    let other = database.again().await;
    let (one, two) = tokio::join!(
        change(store, "ada", &viewer),
        change(&*other, "cy", &viewer),
    );
    let mut both = [one, two];
    both.sort_by_key(|changed| *changed == Changed::LastAdmin);
    assert_eq!(both, [Changed::Done, Changed::LastAdmin]);
    let people = store.people().await.unwrap();
    let admins = people.iter().filter(|person| person.role == Role::Admin);
    assert_eq!(admins.count(), 1);
}

pub(crate) async fn a_link_makes_the_first_person_and_nobody_else(database: Database) {
    let store = &*database.store;
    let set_up = async |store: Arc<dyn Store>, hash: &str, since_ms, name| {
        let person = person(name, Role::Admin);
        let entry = entry("user_added", name);
        store.set_up(hash, since_ms, &person, &entry).await.unwrap()
    };
    let again = || database.store.clone();
    store.offer_setup("old", NOW_MS - 10).await.unwrap();
    store.offer_setup("new", NOW_MS).await.unwrap();
    assert!(!set_up(again(), "unknown", NOW_MS - 5, "ada").await);
    assert!(!set_up(again(), "old", NOW_MS - 5, "ada").await);
    assert!(!store.has_people().await.unwrap());
    // Both links at once, through two collectors: one person is made.
    store.offer_setup("other", NOW_MS).await.unwrap();
    let (one, two) = tokio::join!(
        set_up(again(), "new", NOW_MS - 5, "ada"),
        set_up(database.again().await, "other", NOW_MS - 5, "bo"),
    );
    assert!(one != two, "{one} {two}");
    assert_eq!(store.people().await.unwrap().len(), 1);
    // Neither is good again, nor a new one while there is somebody.
    store.offer_setup("later", NOW_MS).await.unwrap();
    for hash in ["new", "other", "later"] {
        assert!(!set_up(again(), hash, NOW_MS - 5, "cy").await, "{hash}");
    }
    assert_eq!(store.people().await.unwrap().len(), 1);
}

pub(crate) async fn sessions_end_with_what_they_rest_on(database: Database) {
    let store = &*database.store;
    add(store, "ada", Role::Admin).await;
    add(store, "bo", Role::Viewer).await;
    for (hash, name) in [("a", "ada"), ("b", "bo")] {
        assert!(store.add_session(hash, &session(name)).await.unwrap());
    }
    assert!(!store.add_session("a", &session("bo")).await.unwrap());
    assert_eq!(store.session("a").await.unwrap(), Some(session("ada")));
    let used = SignedIn {
        used_ms: NOW_MS + 5,
        ..session("ada")
    };
    store.use_session("a", &used).await.unwrap();
    assert_eq!(store.session("a").await.unwrap(), Some(used));
    let seen = store.person("ada").await.unwrap().unwrap().seen_ms;
    assert_eq!(seen, Some(NOW_MS + 5));
    // A change of one person ends no other's session.
    let analyst = role(Role::Analyst);
    assert_eq!(change(store, "bo", &analyst).await, Changed::Done);
    assert_eq!(store.session("b").await.unwrap(), None);
    assert!(store.session("a").await.unwrap().is_some());
    // A session that is gone does not come back by being used.
    store.use_session("b", &session("bo")).await.unwrap();
    assert_eq!(store.session("b").await.unwrap(), None);
    store.add_session("c", &session("bo")).await.unwrap();
    remove(store, "bo").await;
    assert_eq!(store.session("c").await.unwrap(), None);
    store.delete_session("a").await.unwrap();
    assert_eq!(store.session("a").await.unwrap(), None);
}

pub(crate) async fn old_sessions_are_forgotten_by_use_and_by_age(database: Database) {
    let store = &*database.store;
    for (hash, began_ms, used_ms) in [("idle", 100, 110), ("aged", 10, 190), ("good", 100, 190)] {
        let session = SignedIn {
            person: "ada".to_owned(),
            began_ms,
            used_ms,
        };
        store.add_session(hash, &session).await.unwrap();
    }
    assert_eq!(store.forget_sessions(150, 50).await.unwrap(), 2);
    for (hash, stays) in [("idle", false), ("aged", false), ("good", true)] {
        let found = store.session(hash).await.unwrap();
        assert_eq!(found.is_some(), stays, "{hash}");
    }
}

pub(crate) async fn tokens_are_found_by_their_hash_until_they_are_deleted(database: Database) {
    let store = &*database.store;
    let token = |id: &str, scope, expires_ms| ApiToken {
        id: id.to_owned(),
        hash: format!("hash of {id}"),
        name: "nightly report".to_owned(),
        scope,
        created_ms: NOW_MS,
        used_ms: None,
        expires_ms,
    };
    let read = token("one", Scope::Read, None);
    let admin = token("two", Scope::Admin, Some(NOW_MS + 1));
    for token in [&read, &admin] {
        let entry = entry("token_added", &token.id);
        store.add_api_token(token, &entry).await.unwrap();
    }
    assert_eq!(store.api_tokens().await.unwrap(), [read.clone(), admin]);
    store.use_api_token("one", NOW_MS + 7).await.unwrap();
    let used = ApiToken {
        used_ms: Some(NOW_MS + 7),
        ..read
    };
    assert_eq!(store.api_token("hash of one").await.unwrap(), Some(used));
    let removed = entry("token_removed", "one");
    assert!(store.delete_api_token("one", &removed).await.unwrap());
    assert!(!store.delete_api_token("one", &removed).await.unwrap());
    assert_eq!(store.api_token("hash of one").await.unwrap(), None);
    assert_eq!(
        actions(store).await,
        ["token_removed", "token_added", "token_added"]
    );
}

pub(crate) async fn changes_are_listed_newest_first_page_by_page(database: Database) {
    let store = &*database.store;
    for number in 0..5 {
        let entry = entry("site_added", &number.to_string());
        store.note(&entry).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = store.audit(before, 2).await.unwrap();
        before = page.last().map(|change| change.id);
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 2);
        assert!(page.iter().all(|change| change.at_ms == NOW_MS));
        seen.extend(page.into_iter().map(|change| change.what));
    }
    assert_eq!(seen, ["4", "3", "2", "1", "0"]);
}

pub(crate) async fn a_forgotten_sites_changes_stay_without_its_name(database: Database) {
    let store = &*database.store;
    for host in ["a.example", "b.example"] {
        store.note(&entry("site_added", host)).await.unwrap();
    }
    store.note(&entry("user_added", "a.example")).await.unwrap();
    store.forget_site("a.example", NOW_MS).await.unwrap();
    let changes = store.audit(None, 10).await.unwrap();
    let whats: Vec<_> = changes.into_iter().map(|change| change.what).collect();
    assert_eq!(whats, ["a.example", "b.example", "(a forgotten site)"]);
}
