/** Starts the peer in this process, which so carries the probe; it takes its port from its arguments alone. */
process.argv.push(`--port=${process.env['PORT']}`, '--headless');
await import(process.env['PORTKEY_ENTRY'] ?? '');
