//! The store's contract: every story is told to SQLite and to Postgres, and both end the same.
//!
//! Postgres is the one at `FORESIGHT_TEST_POSTGRES_URL`; each story makes a database of its own
//! there and drops it. Without the variable the stories fail: a contract that was not tested is not
//! kept.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod database;
mod model;
mod property;
mod days;
mod retention;
mod forget;
mod stories;
mod builds;
mod growth;
mod facts;
mod money;
mod damage;
mod seen;
mod upgrade;
mod changes;
mod concurrency;
mod accounts;

/// Makes a test of each story for each database.
macro_rules! contract {
    ($($room:ident :: $story:ident,)+) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    crate::$room::$story(crate::database::Database::sqlite().await).await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    crate::$room::$story(crate::database::Database::postgres().await).await;
                }
            )+
        }
    };
}

contract! {
    property::answers_equal_the_model_before_and_after_folds,
    days::what_is_kept_is_answered_alike_and_the_rest_refused,
    days::a_day_has_one_row_per_lane_and_takes_late_ones_in,
    days::a_range_that_cuts_a_day_without_hours_counts_it_whole,
    days::sites_are_told_apart_from_few_rows_or_from_their_own,
    days::folds_of_all_levels_and_merges_at_once_lose_nothing,
    retention::days_of_before_are_deleted_at_every_level,
    retention::a_week_is_deleted_after_its_last_day,
    retention::many_hours_of_many_sites_are_deleted_and_no_others,
    retention::a_share_is_kept_while_it_or_its_visits_are,
    forget::a_forgotten_site_leaves_no_row_and_no_other_site_loses_one,
    forget::what_waits_of_a_forgotten_site_is_not_merged,
    forget::merges_and_folds_beside_bring_nothing_back,
    stories::a_stretch_is_added_once,
    stories::a_stretch_from_elsewhere_adds_nothing,
    stories::a_stretch_without_records_is_refused,
    stories::a_later_value_replaces_the_earlier_one_across_merges,
    stories::hours_that_have_not_ended_are_not_folded,
    stories::a_fold_leaves_one_row_per_hour_and_takes_late_ones_in,
    stories::a_site_has_the_template_that_was_seen_last,
    stories::a_site_can_be_added_and_renewed,
    stories::a_revoked_token_stays_revoked,
    stories::words_of_any_length_and_content_are_kept,
    stories::causes_are_ordered_by_count_and_filtered,
    builds::builds_are_known_since_their_first_view,
    builds::a_build_is_deleted_once_another_took_its_place,
    growth::a_share_told_twice_is_kept_once,
    growth::links_are_those_visited_or_shared_in_the_range,
    growth::visits_have_the_channel_of_their_link,
    growth::visits_are_told_by_link,
    facts::what_servers_tell_of_growth_is_found_again,
    facts::shares_are_those_of_a_range_and_those_that_servers_name,
    facts::rows_of_growth_can_be_made_of_server_events_again,
    facts::a_merge_that_is_refused_tells_nothing_of_growth,
    money::what_servers_tell_of_money_is_found_again,
    money::rows_of_money_can_be_made_of_server_events_again,
    money::a_forgotten_site_leaves_its_payments_without_its_name,
    money::refunds_bring_along_what_they_go_back_on,
    money::two_collectors_with_the_same_events_book_each_once,
    damage::a_damaged_block_is_an_error_and_stops_no_other_site,
    damage::a_damaged_sum_of_the_fleet_holds_up_no_fold_and_no_erasure,
    damage::a_damaged_row_holds_up_no_other_row_of_its_site,
    damage::a_block_of_a_later_format_is_an_error,
    damage::a_newer_schema_is_refused,
    seen::a_batch_that_another_spool_had_is_told_and_not_added,
    seen::ids_of_batches_are_forgotten_by_the_time_of_their_merge,
    seen::two_spools_with_the_same_batches_add_each_once,
    seen::server_events_are_kept_once,
    seen::a_forgotten_site_takes_its_server_events_along,
    changes::findings_are_written_anew_and_found_by_their_end,
    changes::one_collector_looks_at_a_time,
    changes::cells_are_those_of_their_hours_before_and_after_folds,
    concurrency::two_spools_merge_at_the_same_time,
    concurrency::two_processes_with_one_spool_add_it_once,
    concurrency::folds_and_merges_at_the_same_time_lose_nothing,
    concurrency::many_processes_can_open_a_new_database,
    accounts::people_are_added_changed_and_removed_with_an_entry_each,
    accounts::the_last_admin_stays_one,
    accounts::a_link_makes_the_first_person_and_nobody_else,
    accounts::sessions_end_with_what_they_rest_on,
    accounts::old_sessions_are_forgotten_by_use_and_by_age,
    accounts::tokens_are_found_by_their_hash_until_they_are_deleted,
    accounts::changes_are_listed_newest_first_page_by_page,
    accounts::a_forgotten_sites_changes_stay_without_its_name,
}

#[tokio::test]
async fn a_url_of_no_known_database_is_refused_without_its_password() {
    for url in [
        "mysql://me:secret@host/db",
        "sqlite:",
        "sqlite::memory:",
        "secret",
        "",
    ] {
        let Err(error) = foresight::store::open(url).await else {
            panic!("{url} was opened");
        };
        let text = error.to_string();
        assert!(text.contains("database_url must be postgres://"), "{text}");
        assert!(!text.contains("secret@"), "{text}");
    }
}
