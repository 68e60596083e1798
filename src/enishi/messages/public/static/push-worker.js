// Shows pushes that Enishi has sent, and opens the page they lead to.
self.addEventListener('push', (event) => {
  let told = {};
  try {
    told = event.data ? event.data.json() : {};
  } catch {
    return; // not one of ours
  }
  const title = String(told.title || '');
  if (!title) return;
  event.waitUntil(
    self.registration.showNotification(title, {
      body: String(told.body || ''),
      icon: told.icon || undefined,
      tag: told.delivery,
      data: { url: told.url || '' },
    }),
  );
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const url = event.notification.data && event.notification.data.url;
  if (url && /^https?:\/\//.test(url)) event.waitUntil(self.clients.openWindow(url));
});
