import { Injectable, signal } from '@angular/core';
import Parse from 'parse';

export interface Secret {
  id: string;
  name: string;
  kind: string;
  version: number;
}

const inDev = () => new Parse.Query('Secret').equalTo('environment', 'dev').ascending('name');

/** Parse's SDK against `vault serve`. Nothing here is special to a vault but the server URL and where the session is kept. */
@Injectable({ providedIn: 'root' })
export class Vault {
  /** Who is signed in. */
  readonly user = signal<string | null>(null);
  /** Names, kinds and versions: a list has no values. */
  readonly secrets = signal<Secret[]>([]);
  /** What the last attempt said, if it failed. */
  readonly error = signal('');

  private live: InstanceType<typeof Parse.LiveQueryClient> | null = null;

  async connect(): Promise<void> {
    const config: { vaultUrl: string } = await (await fetch('config.json')).json();
    Parse.initialize('example-angular', 'unused');
    Parse.serverURL = config.vaultUrl;
    keepSessionInMemory();
  }

  signIn(username: string, passphrase: string): Promise<void> {
    return this.attempt(async () => {
      const user = await Parse.User.logIn(username, passphrase);
      await this.watch(user.getSessionToken()!);
      await this.load();
      this.user.set(username);
    });
  }

  async signOut(): Promise<void> {
    this.live?.close();
    this.user.set(null);
    this.secrets.set([]);
    // The session may have ended on the server before.
    await Parse.User.logOut().catch(() => undefined);
  }

  /** The value; the log has an entry before it comes. */
  async reveal(id: string): Promise<string | null> {
    let value = null;
    await this.attempt(async () => {
      value = (await new Parse.Query('Secret').get(id)).get('value');
    });
    return value;
  }

  save(id: string, value: string): Promise<void> {
    return this.attempt(async () => {
      await Parse.Object.extend('Secret').createWithoutData(id).save({ value });
    });
  }

  private async load(): Promise<void> {
    const found = await inDev().find();
    this.secrets.set(found.map((one) => ({ id: one.id!, name: one.get('name'), kind: one.get('kind'), version: one.get('version') })));
  }

  /** Loads the list again at each change, by whatever process; what is told of it has no values. */
  private async watch(sessionToken: string): Promise<void> {
    // The SDK's own client, behind `query.subscribe()`, would keep the token of the first session for good.
    this.live = new Parse.LiveQueryClient({
      applicationId: 'example-angular', javascriptKey: 'unused', serverURL: Parse.serverURL!.replace(/^http/, 'ws'), sessionToken,
    });
    this.live.open();
    const subscription = this.live.subscribe(inDev(), sessionToken)!;
    for (const event of ['create', 'update', 'enter', 'leave', 'delete']) {
      subscription.on(event, () => this.attempt(() => this.load()));
    }
    await subscription.subscribePromise;
  }

  private async attempt(what: () => Promise<void>): Promise<void> {
    try {
      this.error.set('');
      await what();
    } catch (failure) {
      this.error.set(failure instanceof Error ? failure.message : String(failure));
    }
  }
}

/**
 * The SDK keeps the session token in localStorage, where it outlives the page, and where every script of this origin reads it: on
 * http://localhost:4200 that is every project that you ever start there. In memory it ends with the page.
 */
function keepSessionInMemory(): void {
  const memory = new Map<string, string>();
  Parse.CoreManager.setStorageController({
    async: 0,
    getItem: (path: string) => memory.get(path) ?? null,
    setItem: (path: string, value: string) => void memory.set(path, value),
    removeItem: (path: string) => void memory.delete(path),
    getAllKeys: () => [...memory.keys()],
    clear: () => memory.clear(),
  });
}
