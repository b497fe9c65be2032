//! Database servers refuse to run as the superuser.

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

/// Whom servers run as, when not as whoever runs this.
#[derive(Clone, Copy)]
pub(crate) struct User {
    ids: Option<(u32, u32)>,
}

/// Whether this program runs as the superuser.
pub(crate) fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

impl User {
    /// The first of these users that exists, for a superuser; otherwise whoever runs this.
    pub(crate) fn unprivileged(names: &[&str]) -> Result<Self, String> {
        if !is_root() {
            return Ok(Self { ids: None });
        }
        let known =
            std::fs::read_to_string("/etc/passwd").map_err(|e| format!("/etc/passwd: {e}"))?;
        let ids = names.iter().find_map(|name| {
            let line = known
                .lines()
                .find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        });
        match ids {
            Some(ids) => Ok(Self { ids: Some(ids) }),
            None => Err(format!(
                "servers do not run as root, and there is none of the users {names:?}"
            )),
        }
    }

    /// A folder that belongs to the user.
    pub(crate) fn folder(self, path: &Path) -> Result<(), String> {
        let made = std::fs::create_dir_all(path).and_then(|()| match self.ids {
            Some((user, group)) => std::os::unix::fs::chown(path, Some(user), Some(group)),
            None => Ok(()),
        });
        made.map_err(|e| format!("{}: {e}", path.display()))
    }

    /// A command that runs as the user.
    pub(crate) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some((user, group)) = self.ids {
            command.uid(user).gid(group);
        }
        // The folder it was started in may be closed to that user.
        command.current_dir("/");
        command
    }
}
