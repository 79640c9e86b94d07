import { Component, inject, input, signal } from '@angular/core';
import { FormsModule } from '@angular/forms';
import { Secret, Vault } from './vault';

@Component({
  selector: 'tr[appSecret]',
  imports: [FormsModule],
  template: `
    <th scope="row">{{ appSecret().name }}</th>
    <td>{{ appSecret().kind }}</td>
    <td>{{ appSecret().version }}</td>
    <td>
      @if (value() !== null) {
        <code>{{ value() }}</code> <button (click)="value.set(null)">Hide</button>
      } @else {
        <button (click)="reveal()">Reveal</button>
      }
      <form (ngSubmit)="save()">
        <input name="value" type="password" [(ngModel)]="fresh" [attr.aria-label]="'New value of ' + appSecret().name" placeholder="New value" autocomplete="off" required />
        <button>Save</button>
      </form>
    </td>
  `,
})
export class SecretRow {
  private readonly vault = inject(Vault);
  readonly appSecret = input.required<Secret>();
  protected readonly value = signal<string | null>(null);
  protected fresh = '';

  protected async reveal(): Promise<void> {
    this.value.set(await this.vault.reveal(this.appSecret().id));
  }

  protected async save(): Promise<void> {
    await this.vault.save(this.appSecret().id, this.fresh);
    this.fresh = '';
  }
}
