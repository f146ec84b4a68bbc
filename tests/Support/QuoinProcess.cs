using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Quoin.Tests.Support;

/// <summary>The built program <c>quoin</c> as a real process on a free port.</summary>
internal sealed partial class QuoinProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly TaskCompletionSource<Uri> address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private QuoinProcess(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Heard(line.Data);
        process.ErrorDataReceived += (_, line) => Heard(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => address.Task.Result;

    /// <summary>Requests to it.</summary>
    public HttpClient Client { get; } = new();

    /// <summary>Its id.</summary>
    public int ProcessId => process.Id;

    /// <summary>Everything it has written so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    /// <summary>Starts a replica on a database, and returns once it is ready.</summary>
    public static Task<QuoinProcess> ServeDatabase(string connectionString, params string[] arguments) =>
        Serve(["serve", "--port", "0", .. arguments], new() { ["QUOIN_DATABASE"] = connectionString });

    /// <summary>The same, with further settings of its environment.</summary>
    public static Task<QuoinProcess> ServeConfigured(
        string connectionString, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Serve(
            ["serve", "--port", "0", .. arguments],
            new Dictionary<string, string>(environment) { ["QUOIN_DATABASE"] = connectionString });

    /// <summary>Starts a replica with the embedded PostgreSQL of a data folder, and returns once it is ready.</summary>
    public static Task<QuoinProcess> ServeFolder(string dataFolder, params string[] arguments) =>
        Serve(["serve", "--port", "0", "--data", dataFolder, .. arguments], []);

    /// <summary>Runs a command to its end.</summary>
    /// <returns>Its exit code and all it wrote.</returns>
    public static async Task<(int ExitCode, string Output)> Run(
        IReadOnlyList<string> arguments, Dictionary<string, string>? environment = null)
    {
        await using var command = Start(arguments, environment ?? []);
        await command.process.WaitForExitAsync();
        return (command.process.ExitCode, command.Output);
    }

    /// <summary>Runs a command to its end that reads what a program writes to it.</summary>
    public static async Task<(int ExitCode, string Output)> RunWithInput(
        string input, IReadOnlyList<string> arguments, Dictionary<string, string> environment)
    {
        await using var command = Start(arguments, environment);
        await command.process.StandardInput.WriteAsync(input);
        command.process.StandardInput.Close();
        await command.process.WaitForExitAsync();
        return (command.process.ExitCode, command.Output);
    }

    /// <summary>Ends it with SIGKILL: no goodbye, no tidying.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Asks it to stop with SIGTERM and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> Stop()
    {
        if (!process.HasExited)
        {
            using var signal = Process.Start("/bin/sh", ["-c", "kill -TERM \"$0\"", $"{process.Id}"]);
            await signal.WaitForExitAsync();
        }

        using var timeout = new CancellationTokenSource(StopTimeout);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException slow)
        {
            throw new TimeoutException($"quoin did not stop within {StopTimeout}. It wrote:\n{Output}", slow);
        }

        return process.ExitCode;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await Stop();
        }

        Client.Dispose();
        process.Dispose();
    }

    private static async Task<QuoinProcess> Serve(string[] arguments, Dictionary<string, string> environment)
    {
        var replica = Start(arguments, environment);
        await Guardian.OfProcess(replica.process);
        var ended = replica.process.WaitForExitAsync();
        if (await Task.WhenAny(replica.address.Task, ended, Task.Delay(StartTimeout)) != replica.address.Task)
        {
            replica.Kill();
            throw new InvalidOperationException($"quoin did not get ready. It wrote:\n{replica.Output}");
        }

        replica.Client.BaseAddress = replica.Address;
        return replica;
    }

    /// <summary>Starts a command and returns at once.</summary>
    public static QuoinProcess Start(IReadOnlyList<string> arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "quoin"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // What the person running the tests has set must not reach into them.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("QUOIN_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new QuoinProcess(Process.Start(start) ?? throw new InvalidOperationException("quoin could not be started."));
    }

    private void Heard(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (output)
        {
            output.AppendLine(line);
        }

        if (ListeningPattern().Match(line) is { Success: true } match)
        {
            address.TrySetResult(new Uri(match.Groups["address"].Value));
        }
    }

    [GeneratedRegex("Quoin listens on (?<address>http://[^\\s\"]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ListeningPattern();
}
