using System.Diagnostics;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Foundation.Accounts;

/// <summary>
/// Other people's libraries against a running host: a script of <c>tests/EndToEnd/Clients</c> under Node.js, with the
/// packages its lock file names.
/// </summary>
public sealed class NodeProgram : IAsyncDisposable
{
    private static readonly string Folder = Path.Combine(Snapshot.Repository, "tests", "EndToEnd", "Clients");
    private static readonly Lazy<Task> Installed = new(Install);

    private readonly Process process;

    private NodeProgram(Process process) => this.process = process;

    /// <summary>Runs a script to its end.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> Run(string script, params string[] arguments)
    {
        await Installed.Value;
        return await Finish("node", [script, .. arguments]);
    }

    /// <summary>Starts a script and waits for its first line.</summary>
    /// <returns>The script, to be ended, and the line.</returns>
    public static async Task<(NodeProgram Program, string Line)> Start(string script, params string[] arguments)
    {
        await Installed.Value;
        var process = Begin("node", [script, .. arguments]);
        _ = process.StandardError.ReadToEndAsync();
        var line = await process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException($"{script} ended without a word.");
        return (new NodeProgram(process), line);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static async Task Install() => await Finish(Path.Combine(Folder, "install"), []);

    private static async Task<string> Finish(string program, IReadOnlyList<string> arguments)
    {
        using var process = Begin(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed: {errors}");
    }

    private static Process Begin(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started; it needs Node.js.");
    }
}
