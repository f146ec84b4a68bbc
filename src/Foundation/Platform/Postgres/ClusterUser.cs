using System.Diagnostics;

namespace Quoin.Platform;

/// <summary>
/// The system user PostgreSQL's programs run as. PostgreSQL refuses to run as root, so root hands over to
/// <c>postgres</c>; any other user runs them itself.
/// </summary>
/// <param name="Name">The user to hand over to; null to stay who one is.</param>
public sealed record ClusterUser(string? Name)
{
    /// <summary>Whether this process is root.</summary>
    public static bool IsRoot => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>The user to run PostgreSQL as, from this process.</summary>
    public static ClusterUser Current { get; } = new(IsRoot ? "postgres" : null);

    /// <summary>Gives a file or folder to the user; nothing to do when it is oneself.</summary>
    public async Task Own(string path, CancellationToken cancellationToken)
    {
        if (Name is not null)
        {
            await RunProgram("chown", [Name, path], cancellationToken);
        }
    }

    /// <summary>Runs one of PostgreSQL's programs as the user and waits for its end.</summary>
    public Task<ProgramResult> Run(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        Name is null
            ? RunProgram(program, arguments, cancellationToken)
            : RunProgram(HandOver, [.. HandOverArguments(Name), program, .. arguments], cancellationToken);

    // util-linux is on every Linux; macOS only has su.
    private static string HandOver => OperatingSystem.IsMacOS() ? "su" : "runuser";

    private static string[] HandOverArguments(string user) => OperatingSystem.IsMacOS()
        ? ["-m", user, "-c", "exec \"$0\" \"$@\"", "--"]
        : ["-u", user, "--"];

    private static async Task<ProgramResult> RunProgram(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,

            // The user may not be allowed to enter the folder this process stands in.
            WorkingDirectory = "/",
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // Messages are matched in places, so they must not depend on the person's language.
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)
            ?? throw new InvalidOperationException($"{program} could not be started.");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return new ProgramResult(process.ExitCode, await output + await errors);
    }
}
