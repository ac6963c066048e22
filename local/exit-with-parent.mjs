// Loaded into a child process that does not know about its parent: ends it, in order, when the parent is gone.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// Listening alone would keep the process alive after it has closed everything else.
process.channel?.unref();
