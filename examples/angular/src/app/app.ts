import { Component, inject } from '@angular/core';
import { SecretRow } from './secret-row';
import { SignIn } from './sign-in';
import { Vault } from './vault';

@Component({
  selector: 'app-root',
  imports: [SecretRow, SignIn],
  template: `
    <main>
      <h1>Secrets</h1>
      @if (vault.error(); as error) {
        <p role="alert">{{ error }}</p>
      }
      @if (vault.user(); as user) {
        <p>{{ user }} <button (click)="vault.signOut()">Sign out</button></p>
        <table>
          <thead><tr><th>Name</th><th>Kind</th><th>Version</th><th>Value</th></tr></thead>
          <tbody>
            <!-- What is shown of one version is forgotten with it. -->
            @for (secret of vault.secrets(); track secret.id + ' ' + secret.version) {
              <tr [appSecret]="secret"></tr>
            }
          </tbody>
        </table>
      } @else {
        <app-sign-in />
      }
    </main>
  `,
})
export class App {
  protected readonly vault = inject(Vault);
}
