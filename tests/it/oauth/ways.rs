//! Who comes back must be who set out: once, in the same session, within ten minutes; within an hour with a new App.

use chrono::TimeDelta;
use erpnext_github::actions::grants::{Purpose, WayError, come_back, set_out};
use erpnext_github::frappe::auth::{Caller, Means};
use erpnext_github::frappe::desk_path::DeskPath;
use erpnext_github::github::oauth::State;
use futures_util::future::join;
use secrecy::ExposeSecret;
use url::Url;

use super::{BACK, Stage, caller, caller_in};

async fn begun(scene: &Stage, purpose: Purpose) -> State {
    let back = Url::parse(BACK).expect("an address");
    let place = DeskPath::parse("/app/project/PROJ-0001").expect("a place");
    let (state, _) = set_out(scene.test.site(), &caller("ann"), purpose, &back, &place)
        .await
        .expect("begun");
    state
}

#[tokio::test]
async fn a_state_is_good_once_for_what_it_was_made_for() {
    let scene = Stage::new().await;
    for purpose in [Purpose::ConnectAccount, Purpose::InstallApp, Purpose::RegisterApp] {
        let state = begun(&scene, purpose).await;
        let way = come_back(scene.test.site(), &caller("ann"), state.expose())
            .await
            .expect("a way");
        assert_eq!((way.purpose, way.back_to.as_str()), (purpose, "/app/project/PROJ-0001"));
        let again = come_back(scene.test.site(), &caller("ann"), state.expose()).await;
        assert!(matches!(again, Err(WayError::Unknown)), "{again:?}");
    }
    let forged = State::random(|_| [0; 32]);
    // The signature of another one.
    let [one, other] = [
        begun(&scene, Purpose::ConnectAccount).await,
        begun(&scene, Purpose::ConnectAccount).await,
    ];
    let halves = |state: &State| state.expose().split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned()));
    let mixed = format!("{}.{}", halves(&one).expect("two").0, halves(&other).expect("two").1);
    for made_up in ["", "x", forged.expose(), &mixed] {
        let way = come_back(scene.test.site(), &caller("ann"), made_up).await;
        assert!(matches!(way, Err(WayError::Unknown)), "{way:?}");
    }
    assert!(
        come_back(scene.test.site(), &caller("ann"), one.expose()).await.is_ok(),
        "what was forged used nothing up"
    );
}

#[tokio::test]
async fn two_processes_that_come_back_together_are_one_way() {
    let scene = Stage::new().await;
    let state = begun(&scene, Purpose::ConnectAccount).await;
    let (site, _) = scene.other_process();
    let ann = caller("ann");
    let (one, other) = join(
        come_back(scene.test.site(), &ann, state.expose()),
        come_back(&site, &ann, state.expose()),
    )
    .await;
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
}

#[tokio::test]
async fn another_user_or_session_is_refused_and_uses_it_up() {
    let scene = Stage::new().await;
    for other in [
        caller("ben"),
        caller_in("ann", "another session of ann"),
        caller_in("ben", "session of ann"),
    ] {
        let state = begun(&scene, Purpose::ConnectAccount).await;
        let way = come_back(scene.test.site(), &other, state.expose()).await;
        assert!(matches!(way, Err(WayError::OtherPerson)), "{way:?}");
        let own = come_back(scene.test.site(), &caller("ann"), state.expose()).await;
        assert!(matches!(own, Err(WayError::Unknown)), "{own:?}");
    }
    let state = begun(&scene, Purpose::ConnectAccount).await;
    let by_key = Caller {
        means: Means::Authorization {
            header: "token a:b".into(),
            source: None,
        },
        ..caller("ann")
    };
    for nobody in [by_key, Caller::guest()] {
        let way = come_back(scene.test.site(), &nobody, state.expose()).await;
        assert!(matches!(way, Err(WayError::NoSession)), "{way:?}");
    }
    assert!(
        come_back(scene.test.site(), &caller("ann"), state.expose()).await.is_ok(),
        "nobody used it"
    );
}

#[tokio::test]
async fn a_way_to_a_new_app_is_good_for_the_hour_of_githubs_code() {
    let scene = Stage::new().await;
    let (late, in_time) = (
        begun(&scene, Purpose::RegisterApp).await,
        begun(&scene, Purpose::RegisterApp).await,
    );
    let install = begun(&scene, Purpose::InstallApp).await;
    scene.test.clock().advance(TimeDelta::seconds(3599));
    assert!(come_back(scene.test.site(), &caller("ann"), in_time.expose()).await.is_ok());
    scene.test.clock().advance(TimeDelta::seconds(1));
    for ended in [late, install] {
        let way = come_back(scene.test.site(), &caller("ann"), ended.expose()).await;
        assert!(matches!(way, Err(WayError::Ended)), "{way:?}");
    }
}

#[tokio::test]
async fn after_ten_minutes_it_has_ended_and_after_a_day_it_is_forgotten() {
    let scene = Stage::new().await;
    let (late, in_time) = (
        begun(&scene, Purpose::ConnectAccount).await,
        begun(&scene, Purpose::ConnectAccount).await,
    );
    scene.test.clock().advance(TimeDelta::seconds(599));
    assert!(come_back(scene.test.site(), &caller("ann"), in_time.expose()).await.is_ok());
    scene.test.clock().advance(TimeDelta::seconds(1));
    // Others set out meanwhile, and he is told why it is too late all the same.
    begun(&scene, Purpose::ConnectAccount).await;
    let way = come_back(scene.test.site(), &caller("ann"), late.expose()).await;
    assert!(matches!(way, Err(WayError::Ended)), "{way:?}");
    scene.test.clock().advance(TimeDelta::hours(25));
    begun(&scene, Purpose::ConnectAccount).await;
    assert_eq!(scene.test.value("SELECT COUNT(*) FROM erpnext_github_oauth_state").await, "1");
    for _ in 0..30 {
        begun(&scene, Purpose::ConnectAccount).await;
    }
    assert_eq!(
        scene.test.value("SELECT COUNT(*) FROM erpnext_github_oauth_state").await,
        "20"
    );
}

#[tokio::test]
async fn the_table_gives_away_neither_state_nor_verifier_nor_session() {
    let scene = Stage::new().await;
    let back = Url::parse(BACK).expect("an address");
    let begun = set_out(
        scene.test.site(),
        &caller("ann"),
        Purpose::ConnectAccount,
        &back,
        &DeskPath::default(),
    )
    .await;
    let (state, verifier) = begun.expect("begun");
    let dump = scene.test.dump_tables(&["erpnext_github_oauth_state"]).await;
    assert!(dump.contains(&state.hash()));
    for secret in [state.expose(), verifier.secret().expose_secret(), "session of ann"] {
        assert!(
            !dump.contains(secret) && !dump.contains(&hex::encode_upper(secret)),
            "{secret}"
        );
    }
}
