//! Which servers of a configuration are those of a site, and what they tell the bench about it.
//!
//! bench's own servers say the site in a header (`X-Frappe-Site-Name`): its folder, a variable that a `map` fills for several sites of
//! one bench, or the host. An nginx in front of bench's says nothing of it; there the server's names decide.

use super::names::SiteNames;
use super::syntax::{Braces, Directive};

/// The header by which nginx tells Frappe, and us, which site is meant.
pub(super) const SITE_HEADER: &str = "X-Frappe-Site-Name";

/// A server that serves a site.
#[derive(Debug)]
pub(super) struct Server<'a> {
    /// What stands in its braces.
    pub(super) braces: &'a Braces,
    /// Value of the site header that the block sends; empty where the host has to tell the site.
    pub(super) site: String,
    /// Value of `X-Forwarded-For` that the block sends.
    pub(super) forwarded_for: String,
    /// Value of `X-Forwarded-Proto` that the block sends.
    pub(super) forwarded_proto: String,
    /// Value of `Host` that the block sends.
    pub(super) host: String,
}

/// What a file holds beside the servers that were looked for.
#[derive(Debug, Default)]
pub(super) struct Others {
    /// Names of servers that are not the site's.
    pub(super) names: Vec<String>,
    /// How many of the site's own servers lead elsewhere only.
    pub(super) redirects: usize,
}

/// The servers of the site, and what else there is.
pub(super) fn of_site<'a>(directives: &'a [Directive], names: &SiteNames) -> (Vec<Server<'a>>, Others) {
    let (mut all, mut maps) = (Vec::new(), Vec::new());
    collect(directives, &mut all, &mut maps);
    let (mut found, mut others) = (Vec::new(), Others::default());
    for directive in all {
        let Some(braces) = &directive.block else { continue };
        let hosts = hosts(&braces.directives);
        let told = header(&braces.directives, SITE_HEADER);
        match belongs(told.as_deref(), &hosts, &maps, names) {
            None => others.names.extend(hosts),
            Some(_) if leads_elsewhere(&braces.directives) => others.redirects += 1,
            Some(site) => found.push(Server {
                braces,
                site,
                forwarded_for: header(&braces.directives, "X-Forwarded-For").unwrap_or_else(|| "$remote_addr".to_owned()),
                forwarded_proto: header(&braces.directives, "X-Forwarded-Proto").unwrap_or_else(|| "$scheme".to_owned()),
                host: header(&braces.directives, "Host").unwrap_or_else(|| "$host".to_owned()),
            }),
        }
    }
    (found, others)
}

/// Servers of http and maps of hosts; what `upstream`, `stream` and `mail` hold is something else.
fn collect<'a>(directives: &'a [Directive], servers: &mut Vec<&'a Directive>, maps: &mut Vec<&'a Directive>) {
    for directive in directives {
        match directive.name() {
            "http" => collect(directive.inside(), servers, maps),
            "server" if directive.block.is_some() => servers.push(directive),
            "map" => maps.push(directive),
            _ => {}
        }
    }
}

/// The names of a server in lower case, as they stand there.
fn hosts(server: &[Directive]) -> Vec<String> {
    let named = server.iter().filter(|directive| directive.name() == "server_name");
    named
        .flat_map(Directive::arguments)
        .map(|name| name.to_ascii_lowercase())
        .collect()
}

/// The value of a header that is sent on: that of the location which passes everything to Python, else the first one.
fn header(directives: &[Directive], name: &str) -> Option<String> {
    let main = directives
        .iter()
        .find(|directive| directive.name() == "location" && directive.arguments() == ["@webserver"]);
    main.and_then(|location| first_header(location.inside(), name))
        .or_else(|| first_header(directives, name))
}

fn first_header(directives: &[Directive], name: &str) -> Option<String> {
    directives
        .iter()
        .find_map(|directive| match (directive.name(), directive.arguments()) {
            ("proxy_set_header", [header, value]) if header.eq_ignore_ascii_case(name) => Some(value.clone()),
            _ => first_header(directive.inside(), name),
        })
}

/// The value of the site header that the block has to send, where the server is one of the site's.
fn belongs(told: Option<&str>, hosts: &[String], maps: &[&Directive], names: &SiteNames) -> Option<String> {
    match told.filter(|value| !value.is_empty()) {
        // In front of bench's nginx. A server for the hosts of several sites leaves it to the host to tell which one is meant.
        None => hosts.iter().any(|host| leads(host, names)).then(|| {
            let all = hosts.iter().all(|host| names.is(host));
            if all { names.site.clone() } else { String::new() }
        }),
        Some(literal) if !literal.contains('$') => (literal == names.site).then(|| literal.to_owned()),
        Some(variable) => {
            let mapped: Vec<&Directive> = maps.iter().copied().filter(|map| fills(map, variable)).collect();
            let own = if mapped.is_empty() {
                // The host itself: another host of the site would not reach the site either.
                let folder = SiteNames {
                    site: names.site.clone(),
                    hosts: vec![names.site.to_ascii_lowercase()],
                };
                hosts.is_empty() || hosts.iter().any(|host| is_catch_all(host) || leads(host, &folder))
            } else {
                mapped.iter().any(|map| leads_to(map, hosts, names))
            };
            own.then(|| variable.to_owned())
        }
    }
}

/// Whether the server's name takes one of the site's hosts: itself, or a name with a `*` at its begin or end.
fn leads(name: &str, names: &SiteNames) -> bool {
    if names.is(name) {
        return true;
    }
    names.hosts.iter().any(|host| {
        let before = |ending: &str| host.strip_suffix(ending).is_some_and(|rest| !rest.is_empty());
        if let Some(domain) = name.strip_prefix("*.") {
            before(&format!(".{domain}"))
        } else if let Some(domain) = name.strip_prefix('.') {
            host == domain || before(&format!(".{domain}"))
        } else {
            name.strip_suffix(".*")
                .is_some_and(|start| host.strip_prefix(&format!("{start}.")).is_some_and(|rest| !rest.is_empty()))
        }
    })
}

/// A server name that stands for whatever nobody else takes, or that cannot be compared here: an expression.
fn is_catch_all(name: &str) -> bool {
    matches!(name, "_" | "" | "\"\"") || name.starts_with('~')
}

/// Whether a map fills the variable.
fn fills(map: &Directive, variable: &str) -> bool {
    map.arguments()
        .get(1)
        .is_some_and(|name| name == variable || format!("${{{}}}", name.trim_start_matches('$')) == variable)
}

/// Whether a map gives the site for one of the server's names.
fn leads_to(map: &Directive, hosts: &[String], names: &SiteNames) -> bool {
    let entries: Vec<(&str, &str)> = map
        .inside()
        .iter()
        .filter_map(|entry| Some((entry.name(), entry.arguments().first()?.as_str())))
        .collect();
    let value_of = |host: &str| {
        entries
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(host))
            .map(|(_, value)| *value)
    };
    let default = value_of("default").unwrap_or_default();
    let gives = |host: &str| match value_of(host).unwrap_or(default) {
        value if value.contains('$') => host.eq_ignore_ascii_case(&names.site),
        value => value == names.site,
    };
    if hosts.is_empty() || hosts.iter().any(|host| is_catch_all(host) || host.contains('*')) {
        return entries.iter().any(|(_, value)| *value == names.site) || names.hosts.iter().any(|host| gives(host));
    }
    hosts.iter().any(|host| gives(host))
}

/// True for a server that answers nothing itself: it sends everybody to another address.
fn leads_elsewhere(server: &[Directive]) -> bool {
    let returns = |directives: &[Directive]| directives.iter().any(|directive| directive.name() == "return");
    let root = server
        .iter()
        .find(|directive| directive.name() == "location" && directive.arguments() == ["/"]);
    returns(server) || root.is_some_and(|location| returns(location.inside()))
}

#[cfg(test)]
mod tests {
    use super::super::syntax::parse;
    use super::*;

    fn names(site: &str, hosts: &[&str]) -> SiteNames {
        let hosts = [site].iter().chain(hosts).map(|host| (*host).to_owned()).collect();
        SiteNames {
            site: site.to_owned(),
            hosts,
        }
    }

    /// Site headers of the servers that are found, and how many lead elsewhere.
    fn found(text: &str, site: &str, hosts: &[&str]) -> (Vec<String>, usize) {
        let config = parse(text).expect("a configuration");
        let (servers, others) = of_site(&config.directives, &names(site, hosts));
        (servers.into_iter().map(|server| server.site).collect(), others.redirects)
    }

    fn bench_server(names: &str, value: &str) -> String {
        format!(
            "server {{ server_name {names}; location /socket.io {{ proxy_set_header X-Frappe-Site-Name x; }} location / {{ try_files a @webserver; }} \
             location @webserver {{ proxy_set_header X-Frappe-Site-Name {value}; proxy_pass http://b; }} }}\n"
        )
    }

    #[test]
    fn a_folder_in_the_header_decides() {
        let text = bench_server("erp.example.com", "a.local") + &bench_server("a.local", "b.local");
        assert_eq!(found(&text, "a.local", &[]), (vec!["a.local".to_owned()], 0));
        assert_eq!(found(&text, "c.local", &["erp.example.com"]).0, Vec::<String>::new());
    }

    #[test]
    fn a_map_tells_several_sites_of_one_server_apart() {
        let map = "map $host $site_name_x { default $host; erp.example.com a.local; shop.example.com b.local; }\n";
        let one = map.to_owned() + &bench_server("erp.example.com shop.example.com c.local", "$site_name_x");
        for site in ["a.local", "b.local", "c.local"] {
            assert_eq!(found(&one, site, &[]).0, ["$site_name_x"], "{site}");
        }
        assert!(found(&one, "d.local", &[]).0.is_empty());
        let other = map.to_owned() + &bench_server("shop.example.com", "$site_name_x");
        assert!(found(&other, "a.local", &[]).0.is_empty());
        let any = map.to_owned() + &bench_server("_", "$site_name_x");
        assert_eq!(found(&any, "a.local", &[]).0.len(), 1);
    }

    #[test]
    fn a_host_as_site_needs_the_folders_name() {
        for (server, is_own) in [
            ("a.local b.local", true),
            ("*.local", true),
            ("_", true),
            ("erp.example.com", false),
        ] {
            let text = bench_server(server, "$host");
            assert_eq!(
                !found(&text, "a.local", &["erp.example.com"]).0.is_empty(),
                is_own,
                "{server}"
            );
        }
    }

    #[test]
    fn in_front_the_servers_names_decide() {
        let front = |server: &str| format!("http {{ server {{ server_name {server}; location / {{ proxy_pass http://b; }} }} }}");
        for (server, site) in [
            ("erp.example.com", Some("a.local")),
            ("ERP.example.com a.local", Some("a.local")),
            ("erp.example.com shop.example.com", Some("")),
            ("*.example.com", Some("")),
            ("shop.example.com", None),
            ("_", None),
        ] {
            let expected: Vec<String> = site.into_iter().map(str::to_owned).collect();
            assert_eq!(found(&front(server), "a.local", &["erp.example.com"]).0, expected, "{server}");
        }
    }

    #[test]
    fn a_server_that_only_redirects_is_left_alone() {
        for body in [
            "return 301 https://$host$request_uri;",
            "location / { return 301 https://$host$request_uri; } location /.well-known { root /x; }",
            "if ($host = a.local) { return 301 https://$host$request_uri; } return 404;",
        ] {
            let text = format!("server {{ listen 80; server_name a.local; {body} }}\n") + &bench_server("a.local", "a.local");
            assert_eq!(found(&text, "a.local", &[]), (vec!["a.local".to_owned()], 1), "{body}");
        }
    }

    #[test]
    fn a_server_of_something_else_is_none() {
        let text = "upstream b { server a.local; } stream { server { server_name a.local; } }";
        assert_eq!(found(text, "a.local", &[]), (Vec::new(), 0));
    }
}
