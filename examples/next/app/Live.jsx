'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

// Has the page rendered again when the vault has changed, by whatever process.
export function Live() {
  const router = useRouter();
  useEffect(() => {
    const events = new EventSource('/events');
    // What changed before it listened, or while it was away.
    events.addEventListener('open', () => router.refresh());
    for (const event of ['create', 'update', 'enter', 'leave', 'delete']) events.addEventListener(event, () => router.refresh());
    return () => events.close();
  }, [router]);
  return null;
}
