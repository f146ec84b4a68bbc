using System.ComponentModel;
using System.Diagnostics;

namespace Quoin.Platform;

/// <summary>Runs programs of the system to their end.</summary>
internal static class SystemProgram
{
    // What a shell answers for a program it does not find.
    private const int NotFound = 127;

    /// <summary>Runs a program and collects what it writes.</summary>
    /// <param name="program">Its path, or its name on the search path.</param>
    /// <param name="arguments">Its arguments, passed as they are.</param>
    /// <param name="cancellationToken">Ends the wait; the program is killed then.</param>
    /// <param name="environment">Variables it gets besides this process's own. Secrets go here: arguments are public.</param>
    public static async Task<ProgramResult> Run(
        string program,
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        using var process = new Process { StartInfo = StartOf(program, arguments, environment) };
        try
        {
            process.Start();
        }
        catch (Win32Exception missing)
        {
            return new ProgramResult(NotFound, $"{program}: {missing.Message}");
        }

        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new ProgramResult(process.ExitCode, await output + await errors);
    }

    private static ProcessStartInfo StartOf(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,

            // The program's user may not be allowed to enter the folder this process stands in.
            WorkingDirectory = "/",
        };

        // Some messages are read, so they must not depend on the person's language.
        start.Environment["LC_ALL"] = "C";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
