@rem The npm scripts begin with "exec", so that no shell stands between npm and the program: a shell would die of npm's
@rem SIGTERM and leave the program behind. cmd.exe has no such word; this gives it one.
@%*
