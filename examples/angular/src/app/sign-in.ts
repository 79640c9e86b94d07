import { Component, inject } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { Vault } from './vault';

@Component({
  selector: 'app-sign-in',
  imports: [FormsModule],
  template: `
    <form (ngSubmit)="submit()">
      <label>User <input name="user" [(ngModel)]="name" autocomplete="username" required /></label>
      <label>Passphrase <input name="passphrase" type="password" [(ngModel)]="passphrase" autocomplete="current-password" required /></label>
      <button>Sign in</button>
    </form>
  `,
})
export class SignIn {
  private readonly vault = inject(Vault);
  protected name = '';
  protected passphrase = '';

  protected async submit(): Promise<void> {
    const passphrase = this.passphrase;
    this.passphrase = '';
    await this.vault.signIn(this.name, passphrase);
  }
}
