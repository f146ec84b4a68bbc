using System.Diagnostics;
using System.Runtime.CompilerServices;
using Quoin.Tests.Support;

namespace Quoin.Tests.Agents;

/// <summary>What an agent said before it ended.</summary>
internal sealed record AgentRun(int ExitCode, string Output, string Errors)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Errors}";
}

/// <summary>Starts the agents that <c>tests/Agents/Clients/install</c> has installed, each in an empty home of its own.</summary>
internal sealed class Agent(string program, TestFolder home)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Files to lay into its home first, by their names.</summary>
    public Dictionary<string, string> Files { get; } = [];

    /// <summary>What it finds in its environment.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Lets it loose until it ends.</summary>
    public async Task<AgentRun> Run(params string[] arguments)
    {
        foreach (var (name, text) in Files)
        {
            var path = Path.Combine(home.Root, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, text);
        }

        var start = new ProcessStartInfo(Path.Combine(Clients(), "node_modules", ".bin", program), arguments)
        {
            WorkingDirectory = Directory.CreateDirectory(Path.Combine(home.Root, "work")).FullName,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HOME"] = home.Root;
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var (output, errors) = (
                process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            return new AgentRun(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string Clients([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Clients");
}
