//! `nginx`: has the site's own address lead to the sidecar.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use serde::Serialize;

use crate::config;
use crate::frappe::bench::{Bench, BenchError};
use crate::frappe::site_config::SiteConfigError;
use crate::setup::nginx::{Block, NginxProgram, Patched, SiteNames, patch_file};

use super::Exit;
use super::args::{SiteArgs, WithoutSite};
use super::exit::UsageError;
use super::invocation::Invocation;
use super::outcome::{Outcome, Report, tell};
use super::output;

/// Where bench writes its configuration, below the bench's folder.
const BENCHS_FILE: &str = "config/nginx.conf";

/// Has nginx send the paths of the desk's buttons and of GitHub's webhook to `serve`
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Prints the block for a server of the site, for a configuration that is made elsewhere
    Print {
        #[command(flatten)]
        sites: SiteArgs,
        #[command(flatten)]
        upstream: UpstreamArgs,
    },
    /// Puts the block into every server of the site, has nginx test it, and puts the old file back when the test fails
    ///
    /// To be run again after `bench setup nginx`, which writes the file anew. nginx is not reloaded.
    Patch {
        #[command(flatten)]
        sites: SiteArgs,
        #[command(flatten)]
        upstream: UpstreamArgs,
        /// File of nginx, of the bench or in front of it; can be given several times [default: config/nginx.conf of the bench]
        #[arg(long, value_name = "FILE")]
        file: Vec<PathBuf>,
        /// How nginx is called, for example `sudo nginx`; `-T` is added
        #[arg(long, value_name = "COMMAND", default_value = "nginx")]
        nginx: String,
        /// Takes the block out again
        #[arg(long)]
        remove: bool,
        /// Prints one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// What nginx knows: where `serve` is, and the site's hosts.
#[derive(Debug, clap::Args)]
struct UpstreamArgs {
    /// Host and port at which nginx reaches `serve`, where it runs elsewhere [default: the address that `serve` listens on]
    #[arg(long, value_name = "HOST:PORT")]
    upstream: Option<String>,
    /// Another host that the site is reached by, beside those of its configuration; can be given several times
    #[arg(long, value_name = "HOST")]
    host: Vec<String>,
}

/// Runs the command.
pub(super) fn run(args: Args, invocation: &Invocation) -> anyhow::Result<Exit> {
    match args.action {
        Action::Print { sites, upstream } => {
            let (_, all) = opened(&sites, &upstream.host, invocation)?;
            let upstream = upstream.resolve(invocation)?;
            for names in all {
                output::line(&format!("# For every server of {}, redirects aside.", names.hosts.join(", ")));
                output::line(Block::of_site(&names.site, &upstream).text("    ").trim_end());
            }
            Ok(Exit::Done)
        }
        Action::Patch {
            sites,
            upstream,
            file,
            nginx,
            remove,
            json,
        } => {
            let (bench, all) = opened(&sites, &upstream.host, invocation)?;
            let upstream = if remove { None } else { Some(upstream.resolve(invocation)?) };
            let files = match (bench, file) {
                (Some(bench), file) if file.is_empty() => vec![bench.root().join(BENCHS_FILE)],
                (None, file) if file.is_empty() => return Err(BenchError::NotFound.into()),
                (_, file) => file,
            };
            let nginx = NginxProgram::new(&nginx);
            let outcomes: Vec<Outcome<Files>> = all
                .into_iter()
                .map(|names| {
                    let each = files.iter().map(|file| patch_file(file, &names, upstream.as_deref(), &nginx));
                    let patched: Result<Vec<_>, _> = each.collect();
                    let files = patched.map(|files| Files { files, removed: remove });
                    Outcome::of(names.site, files.map_err(anyhow::Error::from))
                })
                .collect();
            Ok(tell(&outcomes, json))
        }
    }
}

/// The bench, and the sites with their hosts. In front of a bench on another machine there is none, and the names have to do.
fn opened(sites: &SiteArgs, hosts: &[String], invocation: &Invocation) -> anyhow::Result<(Option<Bench>, Vec<SiteNames>)> {
    let app = match (sites.open(invocation, None), sites.named()) {
        (Ok(app), _) => app,
        (Err(error), Some(name)) if matches!(error.downcast_ref(), Some(BenchError::NotFound)) => {
            let names = SiteNames::named(name).ok_or_else(|| UsageError(format!("--site: `{name}` is no name of a site")))?;
            return Ok((None, vec![names.with(hosts)]));
        }
        (Err(error), _) => return Err(error),
    };
    let names = sites.selection(app.bench(), WithoutSite::TheOnlyOne)?.of_bench(app.bench());
    let all = names
        .iter()
        .map(|name| Ok(SiteNames::of(&app.bench().site(name)?).with(hosts)));
    let all = all.collect::<Result<Vec<_>, SiteConfigError>>()?;
    Ok((Some(app.bench().clone()), all))
}

impl UpstreamArgs {
    fn resolve(&self, invocation: &Invocation) -> anyhow::Result<String> {
        match &self.upstream {
            None => Ok(reachable(config::listen(None, invocation.environment())?).to_string()),
            Some(text) if is_host_and_port(text) => Ok(text.clone()),
            Some(text) => Err(UsageError(format!(
                "--upstream: `{text}` is no host and port: write it as HOST:PORT, for example 10.0.0.5:9100"
            ))
            .into()),
        }
    }
}

/// An address that is listened on, as one that can be connected to: "all addresses" is none.
pub(super) fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// True for what can stand in `proxy_pass http://...;` as a host and a port, and as nothing else.
fn is_host_and_port(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| {
        let of_host = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_');
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let good = match bracketed {
            Some(ip) => ip.parse::<Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.chars().all(of_host),
        };
        good && port.parse::<u16>().is_ok_and(|port| port > 0)
    })
}

/// What became of the files of one site.
#[derive(Debug, Serialize)]
struct Files {
    files: Vec<Patched>,
    #[serde(skip)]
    removed: bool,
}

impl Report for Files {
    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.files.iter().map(|patched| self.line(patched)).collect();
        lines.extend(self.files.iter().filter(|patched| patched.is_unread).map(|patched| {
            format!(
                "{} is no part of what nginx reads: link it into nginx's configuration, for example into /etc/nginx/conf.d",
                patched.file.display()
            )
        }));
        if self.files.iter().any(|patched| patched.changed) {
            lines.push(
                "nginx -t is content; have nginx read it with `nginx -s reload`, or as your system reloads services".to_owned(),
            );
        }
        lines
    }

    fn has_failures(&self) -> bool {
        self.files.iter().any(|patched| patched.is_unread)
    }
}

impl Files {
    fn line(&self, patched: &Patched) -> String {
        let what = match (self.removed, patched.changed) {
            (false, true) => "the block was written into",
            (false, false) => "the block stands as it should in",
            (true, true) => "the block was taken out of",
            (true, false) => "no block was in",
        };
        let servers = if patched.servers == 1 { "server" } else { "servers" };
        format!("{}: {what} {} {servers}", patched.file.display(), patched.servers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_host_and_a_port_get_into_the_file() {
        for good in ["127.0.0.1:9100", "sidecar:9100", "[::1]:80", "a-b.example.com:1"] {
            assert!(is_host_and_port(good), "{good}");
        }
        for bad in [
            "",
            "9100",
            "a:0",
            "a:b",
            "a; }:1",
            "http://a:1",
            "::1:80",
            "[x]:1",
            "a:70000",
            "$host:1",
        ] {
            assert!(!is_host_and_port(bad), "{bad}");
        }
    }

    #[test]
    fn all_addresses_are_reached_on_this_machine() {
        for (listen, reached) in [
            ("0.0.0.0:1", "127.0.0.1:1"),
            ("[::]:1", "[::1]:1"),
            ("10.0.0.5:1", "10.0.0.5:1"),
        ] {
            assert_eq!(reachable(listen.parse().expect("an address")).to_string(), reached);
        }
    }
}
