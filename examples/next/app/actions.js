'use server';

import { revalidatePath } from 'next/cache';
import { save, signIn, signOut, value, VaultError } from '../lib/vault';

// What an action returns goes to the browser, so no action returns a value. What anything else than the vault says of an error
// stays here: Next shows it as a digest.
async function attempt(what) {
  try {
    return await what();
  } catch (error) {
    if (error instanceof VaultError) return { error: error.message };
    throw error;
  }
}

export async function enter(_, form) {
  return attempt(async () => {
    await signIn(form.get('user'), form.get('passphrase'));
    revalidatePath('/');
    return {};
  });
}

export async function leave() {
  await signOut();
  revalidatePath('/');
}

// Here the value is used on this server: for a call to the service that it is for. What comes of it is told, not the value.
export async function use(id) {
  return attempt(async () => ({ message: `used, ${Buffer.byteLength(await value(id))} bytes` }));
}

export async function change(id, _, form) {
  return attempt(async () => {
    await save(id, form.get('value'));
    revalidatePath('/');
    return {};
  });
}
