import { events } from '../../lib/vault';

export const dynamic = 'force-dynamic';

export async function GET(request) {
  const answer = await events(request.signal);
  // 204 tells the browser's EventSource not to come back: nobody is signed in.
  if (!answer.ok) return new Response(null, { status: 204 });
  return new Response(answer.body, { headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' } });
}
