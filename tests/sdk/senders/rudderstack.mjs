// Sends with @rudderstack/rudder-sdk-node what standard input asks for, and tells of errors.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const RudderAnalytics = createRequire(import.meta.url)('@rudderstack/rudder-sdk-node');

const { url, key, user, visitor, group, name, properties, traits, count, packed } = JSON.parse(
  readFileSync(0, 'utf8'),
);
const errors = [];
const client = new RudderAnalytics(key, {
  dataPlaneUrl: url,
  gzip: packed ?? true,
  maxQueueSize: 10_000_000,
  errorHandler: (error) => errors.push(String(error.message ?? error)),
});
if (count) {
  // It looks through its whole queue at each call, so the queue is kept short.
  for (let start = 0; start < count; start += 20) {
    const sent = [];
    for (let number = start; number < Math.min(start + 20, count); number += 1) {
      const message = { userId: user, event: name, properties: { number } };
      sent.push(new Promise((resolve) => client.track(message, resolve)));
    }
    await client.flush();
    await Promise.all(sent);
  }
} else {
  client.identify({ userId: user, traits });
  client.track({ userId: user, event: name, properties });
  client.page({ userId: user, name: '金利', properties: { url: 'https://www.example.jp/loan' } });
  client.screen({ userId: user, name: '残高' });
  client.group({ userId: user, groupId: group, traits: { name: '例示商事' } });
  client.alias({ previousId: visitor, userId: user });
}
while (client.queue.length > 0) await client.flush();
console.log(JSON.stringify({ errors }));
process.exit(0); // its timer would keep the process for ten more seconds
