//! `nginx print` and `nginx patch` on files, tested by nginx itself.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use serde_json::{Value, json};

use super::program::TestNginx;
use crate::cli::program::{Ended, TestBench, finish, program};

/// As bench writes it: a map for the sites of one bench, a server for http that only redirects, one that serves.
const BENCH: &str = "upstream b-frappe { server 127.0.0.1:8000 fail_timeout=0; }\n\
map $host $site_name_1a2b {\n\tdefault $host;\n\terp.example.com a.test;\n\tshop.example.com b.test;\n}\n\
server {\n\tlisten unix:FOLDER/http.sock;\n\tserver_name\n\t\terp.example.com\n\t\tshop.example.com\n\t\t;\n\treturn 301 https://$host$request_uri;\n}\n\
server {\n\tlisten unix:FOLDER/site.sock;\n\tserver_name erp.example.com shop.example.com;\n\troot FOLDER;\n\
\tadd_header X-Frame-Options \"SAMEORIGIN\"; # } not the end\n\
\tlocation ~ ^/protected/(.*) { internal; try_files /a.test/$1 =404; }\n\
\tlocation / {\n\t\trewrite ^(.+)/$ $1 permanent;\n\t\ttry_files /a.test/public/$uri @webserver;\n\t}\n\
\tlocation @webserver {\n\t\tproxy_set_header X-Forwarded-For $remote_addr;\n\t\tproxy_set_header X-Forwarded-Proto $scheme;\n\
\t\tproxy_set_header X-Frappe-Site-Name $site_name_1a2b;\n\t\tproxy_set_header Host $host;\n\t\tproxy_pass http://b-frappe;\n\t}\n}\n";

fn bench() -> TestBench {
    ["a.test", "b.test", "c.test"]
        .into_iter()
        .fold(TestBench::new(), |bench, name| {
            bench.with_site(name, &json!({ "db_name": "x", "domains": [format!("{name}.example.org")] }))
        })
}

fn patch(bench: &TestBench, nginx: &TestNginx, more: &[&str]) -> Ended {
    let (command, file) = (nginx.command(), nginx.file().to_string_lossy().into_owned());
    let mut arguments = vec!["nginx", "patch", "--nginx", &command, "--file", &file];
    arguments.extend(more);
    bench.run(&arguments)
}

#[test]
fn every_server_of_the_site_gets_the_block_once_and_loses_it_again() {
    let Some(nginx) = TestNginx::new("every_server_of_the_site_gets_the_block_once_and_loses_it_again", BENCH) else {
        return;
    };
    let (bench, before) = (bench(), nginx.text());
    fs::set_permissions(nginx.file(), fs::Permissions::from_mode(0o640)).expect("a mode");
    let link = nginx.folder().join("link.conf");
    symlink(nginx.file(), &link).expect("a link");

    let linked = link.to_string_lossy().into_owned();
    let ended = bench.run(&[
        "nginx",
        "patch",
        "--nginx",
        &nginx.command(),
        "--file",
        &linked,
        "--site",
        "a.test",
    ]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(
        ended.stdout.contains("the block was written into 1 server\n") && ended.stdout.contains("nginx -s reload"),
        "{ended:?}"
    );
    let patched = nginx.text();
    assert_eq!(
        patched.matches("# BEGIN erpnext-github").count(),
        1,
        "the redirect is left alone"
    );
    assert!(
        patched.contains("\t\tproxy_set_header X-Frappe-Site-Name $site_name_1a2b;\n"),
        "{patched}"
    );
    assert!(link.is_symlink(), "a link stays a link");
    assert_eq!(fs::metadata(nginx.file()).expect("there").mode() & 0o777, 0o640);

    // The other site of the same server finds it there.
    for site in ["a.test", "b.test"] {
        let again = patch(&bench, &nginx, &["--site", site, "--json"]);
        let answer: Value = serde_json::from_str(&again.stdout).expect("JSON");
        assert_eq!(
            (again.code, &answer["sites"][0]["files"][0]["changed"]),
            (0, &json!(false)),
            "{again:?}"
        );
    }
    assert_eq!(nginx.text(), patched);
    let moved = patch(&bench, &nginx, &["--site", "a.test", "--upstream", "10.0.0.5:9100"]);
    assert_eq!(moved.code, 0, "{moved:?}");
    assert_eq!(nginx.text(), patched.replace("127.0.0.1:9100", "10.0.0.5:9100"));
    assert_eq!(patch(&bench, &nginx, &["--site", "a.test", "--remove"]).code, 0);
    assert_eq!(nginx.text(), before);
    let left = fs::read_dir(nginx.folder()).expect("a folder").flatten();
    assert!(
        left.into_iter()
            .all(|entry| !entry.file_name().to_string_lossy().ends_with(".tmp")),
        "nothing is left"
    );
}

#[test]
fn a_block_that_nginx_refuses_is_taken_back() {
    let Some(nginx) = TestNginx::new("a_block_that_nginx_refuses_is_taken_back", BENCH) else {
        return;
    };
    let before = nginx.text();
    let ended = patch(&bench(), &nginx, &["--site", "a.test", "--upstream", "nobody.invalid:9100"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    for part in ["refuses the block", "is as it was", "host not found"] {
        assert!(ended.stderr.contains(part), "{part}: {ended:?}");
    }
    assert_eq!(nginx.text(), before);
}

#[test]
fn a_fault_that_was_there_before_is_told_as_such() {
    let servers = format!("{BENCH}server {{ listen unix:FOLDER/x.sock; no_such_thing on; }}\n");
    let Some(nginx) = TestNginx::new("a_fault_that_was_there_before_is_told_as_such", &servers) else {
        return;
    };
    let before = nginx.text();
    let ended = patch(&bench(), &nginx, &["--site", "a.test"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(
        ended.stderr.contains("without the block already") && ended.stderr.contains("no_such_thing"),
        "{ended:?}"
    );
    assert_eq!(nginx.text(), before);
}

#[test]
fn a_file_that_nginx_does_not_read_is_told() {
    let Some(nginx) = TestNginx::new("a_file_that_nginx_does_not_read_is_told", BENCH) else {
        return;
    };
    let other = nginx.folder().join("other.conf");
    fs::write(
        &other,
        "server { server_name a.test.example.org; location / { proxy_pass http://x; } }\n",
    )
    .expect("written");
    let file = other.to_string_lossy().into_owned();
    let ended = bench().run(&[
        "nginx",
        "patch",
        "--nginx",
        &nginx.command(),
        "--file",
        &file,
        "--site",
        "a.test",
    ]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stdout.contains("is no part of what nginx reads"), "{ended:?}");
}

#[test]
fn what_cannot_be_done_is_one_sentence_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.conf");
    let named = file.to_string_lossy().into_owned();
    let bench = bench();
    let run = |site: &str, text: &str, nginx: &str| {
        fs::write(&file, text).expect("written");
        let ended = bench.run(&["nginx", "patch", "--nginx", nginx, "--file", &named, "--site", site]);
        assert_eq!(fs::read_to_string(&file).expect("there"), text);
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
        ended
    };
    for (site, text, code, parts) in [
        ("c.test", BENCH, 1, ["no server of site c.test", "c.test.example.org"]),
        (
            "a.test",
            "server { server_name a.test; return 301 https://x; }",
            1,
            ["its 1 server for", "only redirect"],
        ),
        (
            "a.test",
            "server {\n server_name a.test;\n",
            1,
            ["line 3", "a `}` or `;` is missing"],
        ),
        ("a.test", "# nothing\n", 1, ["holds no server with a name", "--file FILE"]),
        (
            "a.test",
            "server { server_name a.test; }\n",
            3,
            ["cannot be run", "--nginx COMMAND"],
        ),
    ] {
        let ended = run(site, text, "/nonexistent/nginx");
        assert_eq!(ended.code, code, "{ended:?}");
        assert!(parts.iter().all(|part| ended.stderr.contains(part)), "{parts:?}: {ended:?}");
    }
    let missing = bench.run(&["nginx", "patch", "--site", "a.test"]);
    assert_eq!(missing.code, 3, "{missing:?}");
    assert!(missing.stderr.contains("config/nginx.conf cannot be read"), "{missing:?}");
    let wrong = bench.run(&["nginx", "patch", "--site", "a.test", "--upstream", "x; }"]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
}

#[test]
fn an_nginx_on_another_machine_needs_no_bench() {
    let servers = "server {\n    listen unix:FOLDER/s.sock;\n    server_name erp.example.com;\n    location / { proxy_pass http://127.0.0.1:1; }\n}\n";
    let Some(nginx) = TestNginx::new("an_nginx_on_another_machine_needs_no_bench", servers) else {
        return;
    };
    let (command, file) = (nginx.command(), nginx.file().to_string_lossy().into_owned());
    let patch = |more: &[&str]| {
        let arguments = [
            &[
                "nginx",
                "patch",
                "--file",
                &file,
                "--nginx",
                &command,
                "--upstream",
                "10.0.0.5:9100",
            ],
            more,
        ]
        .concat();
        finish(program(&arguments), "")
    };
    let ended = patch(&["--site", "a.test", "--host", "ERP.example.com"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let text = nginx.text();
    assert!(
        text.contains("X-Frappe-Site-Name a.test;") && text.contains("http://10.0.0.5:9100;"),
        "{text}"
    );
    for (arguments, part) in [(&["--site", "a$b"][..], "no name of a site"), (&[], "no bench found")] {
        let refused = patch(arguments);
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.stderr.contains(part), "{refused:?}");
    }
}

#[test]
fn print_shows_a_block_that_can_be_pasted() {
    let bench = bench();
    let ended = bench.run(&["nginx", "print", "--site", "a.test", "--upstream", "10.0.0.5:9100"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    for part in [
        "a.test.example.org",
        "location ^~ /api/method/erpnext_github_integration. {",
        "location ^~ /api/v1/method/erpnext_github_integration. {",
        "location ^~ /integrations/github/ {",
        "proxy_pass http://10.0.0.5:9100;",
        "proxy_set_header X-Frappe-Site-Name a.test;",
    ] {
        assert!(ended.stdout.contains(part), "{part}: {ended:?}");
    }
    let pasted = format!("server {{ listen unix:FOLDER/s.sock;\n{}}}\n", ended.stdout);
    let Some(mut nginx) = TestNginx::new("print_shows_a_block_that_can_be_pasted", &pasted) else {
        return;
    };
    nginx.start();
}
