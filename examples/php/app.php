<?php
// A vault by REST, with nothing but PHP's own streams:
//
//   vault serve                              # prints the address
//   VAULT_URL=http://127.0.0.1:41873/parse VAULT_USERNAME=mia php app.php
//
// It asks for the passphrase: on the terminal, which doesn't show it, or on standard input.

declare(strict_types=1);

// What the vault said, with Parse's code.
final class VaultError extends RuntimeException
{
    public function __construct(string $message, int $code = 0, public readonly ?string $hint = null)
    {
        parent::__construct($message, $code);
    }
}

// A session.
final class Vault
{
    private ?string $token = null;

    public function __construct(private readonly string $url)
    {
    }

    public function signIn(string $username, #[SensitiveParameter] string $passphrase): void
    {
        $this->token = $this->ask('POST', '/login', ['username' => $username, 'password' => $passphrase])['sessionToken'];
    }

    public function signOut(): void
    {
        $this->ask('POST', '/logout');
        $this->token = null;
    }

    // Asks, and gives the answer; a change of another version than this one is refused.
    public function ask(string $method, string $path, #[SensitiveParameter] ?array $body = null, ?int $version = null): array
    {
        $headers = ['Content-Type: application/json', 'X-Vault-Client: example-php'];
        if ($this->token !== null) {
            $headers[] = "X-Parse-Session-Token: {$this->token}";
        }
        if ($version !== null) {
            $headers[] = "If-Match: $version";
        }
        $content = $body === null ? '' : json_encode($body, JSON_THROW_ON_ERROR);
        $http = ['method' => $method, 'header' => $headers, 'content' => $content, 'ignore_errors' => true, 'follow_location' => 0];
        $answer = file_get_contents($this->url . $path, false, stream_context_create(['http' => $http]));
        if ($answer === false) {
            throw new VaultError("nothing answers at {$this->url}");
        }
        $answer = json_decode($answer, true, flags: JSON_THROW_ON_ERROR);
        if (isset($answer['error'])) {
            throw new VaultError($answer['error'], $answer['code'], $answer['hint'] ?? null);
        }
        return $answer;
    }

    // Finds objects: names, kinds and dates, and no value.
    public function find(string $class, array $where, array $parameters = []): array
    {
        $query = http_build_query(['where' => json_encode((object) $where, JSON_THROW_ON_ERROR)] + $parameters);
        return $this->ask('GET', "/classes/$class?$query")['results'];
    }

    // Reads a value, once the access log says so.
    public function value(string $id): string
    {
        return $this->ask('GET', "/classes/Secret/$id")['value'];
    }
}

function passphrase(): string
{
    $isTerminal = stream_isatty(STDIN);
    if ($isTerminal) {
        shell_exec('stty -echo');
        fwrite(STDERR, 'Passphrase: ');
    }
    try {
        return rtrim((string) fgets(STDIN), "\n");
    } finally {
        if ($isTerminal) {
            shell_exec('stty echo');
            fwrite(STDERR, "\n");
        }
    }
}

function main(): void
{
    $vault = new Vault(getenv('VAULT_URL'));
    $vault->signIn(getenv('VAULT_USERNAME'), passphrase());
    try {
        go_round($vault);
    } finally {
        $vault->signOut();
    }
}

function go_round(Vault $vault): void
{
    $found = array_column($vault->find('Secret', ['environment' => 'dev'], ['order' => 'name']), 'objectId', 'name');
    echo 'in dev: ', implode(' ', array_keys($found)), "\n";
    echo 'TOKEN has ', strlen($vault->value($found['TOKEN'])), " bytes\n";

    $path = '/classes/Secret/' . $vault->ask('POST', '/classes/Secret', ['name' => 'EXAMPLE', 'value' => 'first', 'environment' => 'dev'])['objectId'];
    echo 'EXAMPLE is now version ', $vault->ask('PUT', $path, ['value' => 'second'], 1)['version'], "\n";
    // Somebody who still has version 1 is told so, and overwrites nothing.
    try {
        $vault->ask('PUT', $path, ['value' => 'third'], 1);
    } catch (VaultError $error) {
        echo "refused: {$error->getMessage()}\n";
    }

    foreach ($vault->find('AccessLog', ['action' => 'get'], ['order' => '-accessTime', 'limit' => 1, 'include' => 'secret']) as $entry) {
        echo "the log: {$entry['action']} {$entry['secret']['name']} by {$entry['program']}\n";
    }
    $vault->ask('DELETE', $path);
    echo "removed\n";
}

try {
    main();
} catch (VaultError $error) {
    fwrite(STDERR, implode('; ', array_filter(["error: {$error->getMessage()}", $error->hint])) . "\n");
    exit(1);
}
