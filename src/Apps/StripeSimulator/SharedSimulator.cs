using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator;

/// <summary>
/// One simulator for all hosts that share a folder: the first runs it, the others use it, and when the one that runs it
/// ends, another goes on with its journal on the same port. Its keys and its port lie in the folder.
/// </summary>
public sealed class SharedSimulator : IAsyncDisposable
{
    private const string LockFile = "lock";
    private const string KeysFile = "keys.json";
    private const string JournalFile = "journal.jsonl";

    // A host that joins waits this long for the one that holds the lock to answer; it may be starting too.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly string folder;
    private readonly HttpClient control = new() { Timeout = Limits.DeliveryTimeout };
    private readonly CancellationTokenSource stopping = new();
    private readonly HashSet<Uri> hosts = [];
    private FileStream? held;
    private Simulator? own;
    private Task watching = Task.CompletedTask;
    private Keys keys;

    private SharedSimulator(string folder, Keys keys) => (this.folder, this.keys) = (folder, keys);

    /// <summary>Where it listens.</summary>
    public Uri Address => new($"http://127.0.0.1:{keys.Port}");

    /// <summary>The secret key to call it with.</summary>
    public string SecretKey => keys.SecretKey;

    /// <summary>What its webhooks to the hosts are signed with.</summary>
    public string WebhookSecret => keys.WebhookSecret;

    /// <summary>Whether this host runs it.</summary>
    public bool IsOwn => own is not null;

    /// <summary>Starts it, or joins the one that runs.</summary>
    /// <param name="folder">Where its lock, keys and journal are; made when it is not there.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It neither starts nor answers.</exception>
    public static async Task<SharedSimulator> StartOrJoin(string folder, CancellationToken cancellationToken)
    {
        // Only its owner: keys and what customers typed lie in it.
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (TryLock(folder) is { } held)
            {
                var shared = new SharedSimulator(folder, ReadKeys(folder) ?? NewKeys()) { held = held };
                await shared.Run(cancellationToken);
                return shared;
            }

            if (ReadKeys(folder) is { } keys)
            {
                var joined = new SharedSimulator(folder, keys);
                if (await joined.Answers(cancellationToken))
                {
                    joined.watching = joined.TakeOverWhenFree();
                    return joined;
                }

                joined.Forget();
            }

            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new IOException($"The Stripe simulator of {folder} is held by a program that does not answer.");
            }

            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Sends its webhooks to a host from now on; of several the first that answers gets each.</summary>
    public async Task SendWebhooksTo(Uri url, CancellationToken cancellationToken)
    {
        hosts.Add(url);
        await Tell(url, isGone: false, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await watching;
        foreach (var url in hosts)
        {
            try
            {
                await Tell(url, isGone: true, CancellationToken.None);
            }
            catch (HttpRequestException)
            {
                // Whoever ran it has ended; an address nobody listens on is passed over anyway.
            }
        }

        if (own is not null)
        {
            await own.DisposeAsync();
        }

        held?.Dispose();
        Forget();
    }

    private void Forget()
    {
        control.Dispose();
        stopping.Dispose();
    }

    private async Task Run(CancellationToken cancellationToken)
    {
        var options = new SimulatorOptions
        {
            Port = keys.Port,
            SecretKey = keys.SecretKey,
            JournalFile = Path.Combine(folder, JournalFile),
            Seed = RandomNumberGenerator.GetInt32(int.MaxValue),
        };
        try
        {
            own = await Simulator.Start(options, cancellationToken);
        }
        catch (IOException) when (keys.Port != 0)
        {
            // Another program took the port while nobody was here; links made before lead to it no more.
            own = await Simulator.Start(options with { Port = 0 }, cancellationToken);
        }

        keys = keys with { Port = own.Address.Port };
        WriteKeys(folder, keys);
    }

    private async Task TakeOverWhenFree()
    {
        try
        {
            while (held is null)
            {
                await Task.Delay(LookEvery, TimeProvider.System, stopping.Token);
                held = TryLock(folder);
            }

            await Run(stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // It was told to stop.
        }
    }

    private async Task<bool> Answers(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await control.GetAsync(new Uri(Address, "/_simulator/clock"), cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task Tell(Uri url, bool isGone, CancellationToken cancellationToken)
    {
        using var answer = await control.PostAsJsonAsync(
            new Uri(Address, "/_simulator/webhook_endpoints"),
            new { url = url.ToString(), secret = WebhookSecret, group = "hosts", is_gone = isGone },
            cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static FileStream? TryLock(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static Keys NewKeys() =>
        new("sk_test_" + RandomNumberGenerator.GetHexString(32, true), "whsec_" + RandomNumberGenerator.GetHexString(32, true), 0);

    private static Keys? ReadKeys(string folder)
    {
        var file = Path.Combine(folder, KeysFile);
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<Keys>(File.ReadAllText(file)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void WriteKeys(string folder, Keys keys)
    {
        var (file, fresh) = (Path.Combine(folder, KeysFile), Path.Combine(folder, KeysFile + ".new"));
        using (var stream = new FileStream(fresh, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            JsonSerializer.Serialize(stream, keys);
        }

        File.Move(fresh, file, overwrite: true);
    }

    private sealed record Keys(string SecretKey, string WebhookSecret, int Port);
}
