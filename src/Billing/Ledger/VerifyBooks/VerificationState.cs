using System.Text;
using System.Text.Json;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.VerifyBooks;

/// <summary>What is asked, at the head of a resume file: another question cannot be gone on with.</summary>
internal sealed record StateHeader(int Format, string? Org, string? AnchorDigest)
{
    public const int CurrentFormat = 1;

    public static StateHeader Of(VerificationOptions options) => new(
        CurrentFormat, options.Org?.ToString(), options.Anchor is { } anchor ? Convert.ToHexStringLower(anchor.Digest) : null);
}

/// <summary>An organisation's stretch that was verified; a line of a resume file.</summary>
internal sealed record StateLine(
    OrgId Org,
    bool IsFinished,
    ChainPosition Position,
    long FindingCount,
    IReadOnlyList<BooksFinding> Findings,
    IReadOnlyList<SavedAccount> Accounts)
{
    /// <summary>Puts the accounts as they stood.</summary>
    public void Restore(OrgAccounts accounts)
    {
        foreach (var saved in Accounts)
        {
            saved.Restore(accounts.Get(saved.Id));
        }
    }
}

/// <summary>What an account's entries came to at a checkpoint.</summary>
internal sealed record SavedAccount(
    Guid Id,
    long BalanceMicros,
    Int128 ReceivedMicros,
    Int128 PaidMicros,
    Int128 FundedMicros,
    bool IsFunded,
    bool IsReported,
    byte[]? HashedKind)
{
    public static SavedAccount Of(AccountTally account) => new(
        account.Id,
        account.BalanceMicros,
        account.ReceivedMicros,
        account.PaidMicros,
        account.FundedMicros,
        account.IsFunded,
        account.IsReported,
        account.HashedKind);

    public void Restore(AccountTally account)
    {
        account.BalanceMicros = BalanceMicros;
        (account.ReceivedMicros, account.PaidMicros, account.FundedMicros) = (ReceivedMicros, PaidMicros, FundedMicros);
        (account.IsFunded, account.IsReported, account.HashedKind) = (IsFunded, IsReported, HashedKind);
    }
}

/// <summary>
/// What was verified so far, in memory and in a file of JSON lines: one a stretch, written when it is done, with what
/// was found in it. A line that was cut off by a crash is as if it had never been.
/// </summary>
internal sealed class VerificationState : IDisposable
{
    private readonly Dictionary<OrgId, StateLine> latest = [];
    private readonly List<StateLine> lines = [];
    private readonly Lock gate = new();
    private readonly StateHeader header;
    private readonly string? path;
    private FileStream? file;
    private long rewriteAt = Limits.ResumeFileBytesMin;

    private VerificationState(VerificationOptions options)
    {
        (header, path) = (StateHeader.Of(options), options.ResumeFile);
        if (path is not null)
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            Read(file);
        }
    }

    /// <summary>Why the file cannot be gone on with; null when it can.</summary>
    public string? Refusal { get; private set; }

    /// <summary>All stretches, those of earlier runs included.</summary>
    public IReadOnlyList<StateLine> Lines => lines;

    /// <summary>Whether an organisation was verified to its end.</summary>
    public bool IsFinished(OrgId org)
    {
        lock (gate)
        {
            return latest.TryGetValue(org, out var line) && line.IsFinished;
        }
    }

    /// <summary>Where to go on; null at the beginning.</summary>
    public StateLine? CheckpointOf(OrgId org)
    {
        lock (gate)
        {
            return latest.GetValueOrDefault(org);
        }
    }

    /// <summary>Opens the state of a verification; what its file has is taken.</summary>
    public static VerificationState Open(VerificationOptions options) => new(options);

    /// <summary>Remembers a stretch.</summary>
    public void Add(StateLine line)
    {
        lock (gate)
        {
            Take(line);
            if (file is null)
            {
                return;
            }

            Write(file, line);
            file.Flush();
            if (file.Length > rewriteAt)
            {
                Rewrite();
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => file?.Dispose();

    private void Take(StateLine line)
    {
        latest[line.Org] = line;
        lines.Add(WithoutAccounts(line));
    }

    private void Read(FileStream from)
    {
        var bytes = new byte[from.Length];
        from.ReadExactly(bytes);
        var end = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        from.SetLength(end);
        if (end == 0)
        {
            Write(from, header);
            from.Flush();
            return;
        }

        var text = Encoding.UTF8.GetString(bytes, 0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        try
        {
            if (JsonSerializer.Deserialize<StateHeader>(text[0], JsonConventions.Options) != header)
            {
                Refusal = "The resume file belongs to a verification of something else: another organisation or anchor. "
                    + "Name another file, or remove it to begin anew.";
                return;
            }

            foreach (var line in text.Skip(1))
            {
                Take(JsonSerializer.Deserialize<StateLine>(line, JsonConventions.Options)!);
            }
        }
        catch (JsonException)
        {
            Refusal = "The resume file is not one. Name another file, or remove it to begin anew.";
        }
    }

    // Accounts are needed of the latest stretch only, and can be many: without the others the file stays small.
    private void Rewrite()
    {
        var beside = $"{path}.new";
        using (var rewritten = new FileStream(beside, FileMode.Create, FileAccess.Write))
        {
            Write(rewritten, header);
            foreach (var line in lines)
            {
                Write(rewritten, ReferenceEquals(latest[line.Org].Position, line.Position) ? latest[line.Org] : line);
            }

            rewritten.Flush(flushToDisk: true);
        }

        file!.Dispose();
        File.Move(beside, path!, overwrite: true);
        file = new FileStream(path!, FileMode.Append, FileAccess.Write, FileShare.Read);
        rewriteAt = Math.Max(Limits.ResumeFileBytesMin, 4 * file.Length);
    }

    private static StateLine WithoutAccounts(StateLine line) => line with { Accounts = [] };

    private static void Write<T>(FileStream to, T line) =>
        to.Write([.. JsonSerializer.SerializeToUtf8Bytes(line, JsonConventions.Options), (byte)'\n']);
}
