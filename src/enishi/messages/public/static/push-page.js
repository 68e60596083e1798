// On the page of preferences: offers pushes where the browser takes them, and only when asked to.
(() => {
  const part = document.getElementById('push');
  if (!part || !('serviceWorker' in navigator) || !('PushManager' in window)) return;
  const button = part.querySelector('button');
  const status = part.querySelector('[role=status]');
  part.hidden = false;

  const key = (text) => {
    const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0));
  };

  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      if ((await Notification.requestPermission()) !== 'granted') throw new Error('denied');
      await navigator.serviceWorker.register('/m/push-worker.js', { scope: '/m/' });
      const worker = await navigator.serviceWorker.ready;
      const subscription = await worker.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: key(part.dataset.key),
      });
      const answer = await fetch(part.dataset.address, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(subscription),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      status.textContent = part.dataset.done;
    } catch {
      status.textContent = part.dataset.wrong;
      button.disabled = false;
    }
  });
})();
