//! The schema promises nothing that is not resolved.

use serde_json::Value;

use super::super::ast::Type;
use super::super::schema::{Definition, FieldType, Schema};
use super::super::values::{Values, arguments};
use super::*;
use crate::clock::FixedClock;
use crate::sim::github::caller::Caller;
use crate::sim::github::view::Cache;
use crate::sim::github::world::{HeadRepository, World};

/// Values for the arguments that must be there.
fn sample_arguments(field: &FieldType) -> Values {
    let mut values = arguments(&field.arguments, &[], &Values::new());
    for input in &field.arguments {
        let value: Value = match (input.name.as_str(), &input.of) {
            ("first", _) => 5.into(),
            ("refPrefix", _) => "refs/heads/".into(),
            (_, Type::NonNull(inner)) if **inner == Type::Named("Int".to_owned()) => 1.into(),
            (_, Type::NonNull(_)) => "acme".into(),
            _ => continue,
        };
        values.insert(input.name.clone(), value);
    }
    values
}

/// Some things of each type, reached from the entry points.
fn things(context: Context<'_>) -> Vec<Thing<'_>> {
    let world = context.view.world;
    let mut found = vec![Thing::Query, Thing::RateLimit];
    found.extend(world.accounts.values().map(Thing::Account));
    found.extend(world.teams.iter().map(Thing::Team));
    let homes = world.repositories.values();
    found.extend(homes.clone().map(Thing::Repository));
    found.extend(homes.flat_map(|home| home.items.values().map(|one| item(home, one))));
    let mut next = 0;
    while let Some(thing) = found.get(next).cloned() {
        next += 1;
        let Some(Definition::Object { fields, .. }) = Schema::get().definition(thing.type_name()) else {
            continue;
        };
        for field in fields {
            let deeper = match context.resolve(&thing, &field.name, &sample_arguments(field)) {
                Ok(Resolved::Thing(inner)) => vec![inner],
                Ok(Resolved::List(items)) => {
                    let things = items.into_iter().filter_map(|one| match one {
                        Ok(Resolved::Thing(inner)) => Some(inner),
                        _ => None,
                    });
                    things.collect()
                }
                _ => Vec::new(),
            };
            for inner in deeper {
                if found.iter().filter(|known| known.type_name() == inner.type_name()).count() < 30 {
                    found.push(inner);
                }
            }
        }
    }
    found
}

#[test]
fn every_field_of_the_schema_is_resolved() {
    let mut world = World::lively(FixedClock::at(World::start_of_time()));
    world.accounts.insert(
        "placeholder".to_owned(),
        Account::new(7, "placeholder", AccountKind::Mannequin, World::start_of_time()),
    );
    let web = world.repository("acme/web");
    let pull = web
        .items
        .values_mut()
        .find_map(|item| item.pull_request.as_mut())
        .expect("a pull request");
    pull.head_repository = HeadRepository::Same;
    let (cache, token) = (Cache::default(), world.tokens[0].clone());
    let caller = Caller {
        label: token.login.clone(),
        token: Some(token),
        ..Caller::default()
    };
    let view = View {
        world: &world,
        cache: &cache,
        caller: &caller,
        base: "http://localhost",
    };
    let usage = world.limits.usage("mona", crate::sim::github::Resource::Graphql, world.now());
    let context = Context {
        view,
        weight: Weight::default(),
        usage,
    };
    let things = things(context);
    let mut missing = Vec::new();
    for (name, fields) in Schema::get().objects() {
        let Some(thing) = things.iter().find(|thing| thing.type_name() == name) else {
            missing.push(format!("nothing is a {name}"));
            continue;
        };
        for field in fields {
            match context.resolve(thing, &field.name, &sample_arguments(field)) {
                Err(error) if error.kind.is_none() => missing.push(error.message),
                _ => {}
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}
