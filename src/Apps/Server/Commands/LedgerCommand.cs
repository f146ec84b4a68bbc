using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;
using Quoin.Server.Hosting;

namespace Quoin.Server.Commands;

/// <summary><c>quoin ledger</c>: proves the books, and anchors them.</summary>
internal static class LedgerCommand
{
    private const int Sound = 0;
    private const int Findings = 1;
    private const int CouldNotRun = 2;
    private const int Interrupted = 130;

    private static readonly Option<string?> Org = new("--org")
    {
        Description = "Only this organisation. Default: all.",
        HelpName = "org_…",
    };

    private static readonly Option<int> Parallel = new("--parallel")
    {
        Description = "Organisations verified at the same time.",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private static readonly Option<FileInfo?> Resume = new("--resume")
    {
        Description = "Keep what was verified in this file, and go on from it where it is there already.",
        HelpName = "FILE",
    };

    private static readonly Option<FileInfo?> Anchor = new("--anchor")
    {
        Description = "An anchor, as 'quoin ledger anchor' writes it: every change before its heads is found.",
        HelpName = "FILE",
    };

    private static readonly Option<FileInfo?> Key = new("--key")
    {
        Description = "The public key the anchor must be signed with, as PEM. Without it the key in the anchor is believed.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print the result as JSON." };

    private static readonly Option<FileInfo?> Out = new("--out")
    {
        Description = "Where to write the anchor. Default: the output.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> PublicKey = new("--public-key")
    {
        Description = "Print the public key that anchors are checked with, as PEM, and take no anchor.",
    };

    public static Command Create()
    {
        var data = CommandFlow.DataOption();
        var verify = new Command(
            "verify",
            "Read every transfer and entry, compute every hash and balance anew, and compare. Hosts may keep running. Exit code: "
            + "0 sound, 1 something was found, 2 it could not run. Progress goes to the error output.")
        {
            Org, Parallel, Resume, Anchor, Key, Json, data,
        };
        verify.SetAction((parsed, cancellationToken) => Verify(parsed, parsed.GetValue(data), cancellationToken));
        var anchor = new Command(
            "anchor",
            "Write the heads of all chains, signed. Keep it where nobody who can write to the database can write, too.")
        {
            Out, PublicKey,
        };
        anchor.SetWorkOnServices(TakeAnchor);
        return new Command("ledger", "Prove that the books are sound, and anchor them.") { verify, anchor };
    }

    private static async Task TakeAnchor(IServiceProvider services, ParseResult parsed, CancellationToken cancellationToken)
    {
        var anchors = services.GetRequiredService<LedgerAnchors>();
        if (parsed.GetValue(PublicKey))
        {
            Console.WriteLine(anchors.PublicKeyPem());
            return;
        }

        var anchor = await anchors.Take(cancellationToken);
        if (parsed.GetValue(Out) is not { } file)
        {
            await using var output = Console.OpenStandardOutput();
            await output.WriteAsync(anchor.ToJson(), cancellationToken);
            return;
        }

        try
        {
            await File.WriteAllBytesAsync(file.FullName, anchor.ToJson(), cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"The anchor cannot be written: {failure.Message}", failure);
        }

        Console.WriteLine(
            $"{anchor.Organisations.Count} organisations, {anchor.Organisations.Sum(head => head.TransferCount)} transfers at "
            + $"{Rfc3339.Format(anchor.AnchoredAt)}: {file.FullName}");
    }

    private static async Task<int> Verify(ParseResult parsed, string? dataFolder, CancellationToken cancellationToken)
    {
        try
        {
            var options = new VerificationOptions
            {
                Org = CommandFlow.ReadId<OrgId>(parsed.GetValue(Org)),
                Parallel = parsed.GetValue(Parallel),
                ResumeFile = parsed.GetValue(Resume)?.FullName,
                Anchor = ReadAnchor(parsed),
            };
            using var logging = LoggerFactory.Create(QuoinHost.ConfigureToolLogging);
            await using var server = await Database.Open(HostSettings.FromEnvironment(dataFolder), logging, cancellationToken);
            await using var database = DataSources.App(server.ConnectionString);
            return await Verify(database, options, parsed.GetValue(Json), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Interrupted;
        }
        catch (Exception failure)
            when (failure is CommandException or MasterKeyException or NpgsqlException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"quoin: the books could not be verified: {failure.Message}");
            return CouldNotRun;
        }
    }

    private static async Task<int> Verify(
        NpgsqlDataSource database, VerificationOptions options, bool asJson, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var outcome = await new LedgerVerification(database).Run(options, new ProgressLines(started), cancellationToken);
        if (outcome is not VerificationOutcome.Verified(var report))
        {
            throw new CommandException(((VerificationOutcome.CannotResume)outcome).Reason);
        }

        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(report, JsonConventions.Options));
        }
        else
        {
            Print(report, Stopwatch.GetElapsedTime(started));
        }

        return report.IsSound ? Sound : Findings;
    }

    private static void Print(VerificationReport report, TimeSpan elapsed)
    {
        foreach (var finding in report.Findings)
        {
            Console.WriteLine(finding);
        }

        if (report.FindingCount > report.Findings.Count)
        {
            Console.WriteLine($"… and {report.FindingCount - report.Findings.Count} more findings.");
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(report.IsSound ? "Sound" : $"{report.FindingCount} findings")}: {report.Organisations} organisations, "
                + $"{report.Transfers} transfers, {report.Entries} entries in {elapsed.TotalSeconds:0.0} s."));
        Console.WriteLine("What this cannot know:");
        foreach (var sentence in report.CannotKnow)
        {
            Console.WriteLine($"- {sentence}");
        }
    }

    private static LedgerAnchor? ReadAnchor(ParseResult parsed)
    {
        if (parsed.GetValue(Anchor) is not { } file)
        {
            return parsed.GetValue(Key) is null ? null : throw new CommandException("--key is for an --anchor.");
        }

        if (!LedgerAnchor.TryRead(File.ReadAllBytes(file.FullName), out var anchor))
        {
            throw new CommandException($"{file.FullName} is no anchor of the ledger.");
        }

        using var pinned = ReadKey(parsed.GetValue(Key));
        switch (anchor.Check(pinned))
        {
            case AnchorSignature.HoldsByPinnedKey:
                return anchor;
            case AnchorSignature.HoldsByItsOwnKey:
                Console.Error.WriteLine(
                    "quoin: the anchor is signed by the key it names itself, and anybody can make such a one. Pin yours with --key.");
                return anchor;
            case AnchorSignature.OtherKey:
                throw new CommandException("The anchor is signed with another key than the pinned one.");
            default:
                throw new CommandException("The anchor's signature does not hold: it is not what was signed.");
        }
    }

    private static ECDsa? ReadKey(FileInfo? file)
    {
        if (file is null)
        {
            return null;
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file.FullName));
            return key;
        }
        catch (Exception failure) when (failure is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new CommandException($"{file.FullName} is no public key in PEM.", failure);
        }
    }

    // At most one line a second, whatever the number of organisations.
    private sealed class ProgressLines(long started) : IProgress<VerificationProgress>
    {
        private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

        private readonly Lock gate = new();
        private TimeSpan printed;

        public void Report(VerificationProgress value)
        {
            lock (gate)
            {
                if (Stopwatch.GetElapsedTime(started) - printed < Every)
                {
                    return;
                }

                printed = Stopwatch.GetElapsedTime(started);
            }

            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{value.Organisations} of {value.OrganisationsInAll} organisations, {value.Transfers} transfers, "
                    + $"{value.Transfers / Stopwatch.GetElapsedTime(started).TotalSeconds:0} a second, {value.Findings} findings"));
        }
    }
}
