// Sends with @segment/analytics-node what standard input asks for, and tells of errors.
import { readFileSync } from 'node:fs';
import { Analytics } from '@segment/analytics-node';

const { url, key, user, visitor, group, name, properties, traits, count } = JSON.parse(
  readFileSync(0, 'utf8'),
);
const errors = [];
const analytics = new Analytics({ writeKey: key, host: url, maxRetries: 20 });
analytics.on('error', (error) => errors.push(`${error.code}: ${error.reason ?? ''}`));
if (count) {
  for (let number = 0; number < count; number += 1) {
    analytics.track({ userId: user, event: name, properties: { number } });
  }
} else {
  analytics.identify({ userId: user, traits });
  analytics.track({ userId: user, event: name, properties });
  analytics.page({ userId: user, name: '金利', properties: { url: 'https://www.example.jp/loan' } });
  analytics.screen({ userId: user, name: '残高' });
  analytics.group({ userId: user, groupId: group, traits: { name: '例示商事' } });
  analytics.alias({ previousId: visitor, userId: user });
}
await analytics.closeAndFlush({ timeout: 60_000 });
console.log(JSON.stringify({ errors }));
