using Quoin.Ledger;

namespace Quoin.Tests.Simulation.Books;

/// <summary>How a command ended, in words that two runs share, and the ids it named in the order they appear.</summary>
/// <param name="Text">The words; each id is a <c>*</c>.</param>
/// <param name="Ids">The ids.</param>
internal sealed record Given(string Text, IReadOnlyList<Guid> Ids)
{
    /// <summary>Puts what the ledger answered into words.</summary>
    public static Given Of(object outcome) => outcome switch
    {
        PostOutcome post => Of(post),
        LinkedOutcome.Posted posted => Joined(posted.Transfers),
        LinkedOutcome.Refused refused => Refused(refused.Index, Of(refused.Why)),
        HoldOutcome.KeyConflict conflict => new("conflict with *", [conflict.First.Value]),
        HoldOutcome.Held held => new(held.IsReplay ? "* again" : "*", [held.Id.Value]),
        HoldOutcome.InsufficientFunds few => new($"only {few.Available.Micros}", []),
        HoldChange.AlreadyEnded ended => new($"already {ended.How}", []),
        HoldChange.OtherCurrency other => new($"holds {other.Currency}", []),
        HoldChange change => new(change.GetType().Name, []),
        SplitOutcome.KeyConflict conflict => new("conflict with *", [conflict.First.Value]),
        SplitOutcome.Made made => new(made.IsReplay ? "* again" : "*", [made.Id.Value]),
        SplitOutcome.AlreadyEnded ended => new($"already {ended.How}", []),
        SplitOutcome.MoreThanHeld more => new($"holds only {more.Held.Micros}", []),
        SplitOutcome.OtherCurrency other => new($"holds {other.Currency}", []),
        SplitOutcome split => new(split.GetType().Name, []),
        CaptureOutcome.KeyConflict conflict => new("conflict with *", [conflict.First.Value]),
        CaptureOutcome.Captured captured => new(captured.IsReplay ? "* again" : "*", [captured.Id.Value]),
        CaptureOutcome.AlreadyEnded ended => new($"already {ended.How}", []),
        CaptureOutcome.MoreThanHeld more => new($"holds only {more.Held.Micros}", []),
        CaptureOutcome.OtherCurrency other => new($"holds {other.Currency}", []),
        CaptureOutcome capture => new(capture.GetType().Name, []),
        GrantOutcome.KeyConflict conflict => new("conflict with *", [conflict.First.Value]),
        GrantOutcome.Granted granted => granted.Id.Value == granted.Transfer.Value
            ? new(granted.IsReplay ? "* again" : "*", [granted.Id.Value])
            : new("a grant that is not its transfer", []),
        GrantChange.Done done => new($"moved {done.Amount.Micros} by *", [done.Transfer.Value]),
        GrantChange change => new(change.GetType().Name, []),
        CreditLimitSet set => new($"was {(set.Before is { } before ? $"{before.Micros}" : "none")}", []),
        _ => new(outcome.ToString()!, []),
    };

    private static Given Refused(int index, Given why) => why with { Text = $"refused {index}: {why.Text}" };

    private static Given Of(PostOutcome outcome) => outcome switch
    {
        PostOutcome.KeyConflict conflict => new("conflict with *", [conflict.First.Value]),
        PostOutcome.Posted posted => new(posted.IsReplay ? "* again" : "*", [posted.Id.Value]),
        PostOutcome.AlreadyReversed reversed => new("reversed by *", [reversed.By.Value]),
        PostOutcome.NoSuchGrant => new("no such grant", []),
        PostOutcome.InsufficientFunds few => new($"only {few.Available.Micros}", []),
        _ => new(outcome.GetType().Name, []),
    };

    private static Given Joined(IEnumerable<PostOutcome> outcomes)
    {
        var all = outcomes.Select(Of).ToList();
        return new(string.Join(", ", all.Select(one => one.Text)), [.. all.SelectMany(one => one.Ids)]);
    }
}

/// <summary>How the model says a command must end: the same words, and names for the ids.</summary>
/// <param name="Text">The words.</param>
/// <param name="Names">What each id belongs to, such as <c>transfer op7</c>.</param>
internal sealed record Expected(string Text, params string[] Names)
{
    /// <summary>The name of what was made and taken back by the same command.</summary>
    public const string TakenBack = "taken back";

    /// <summary>Compares an answer with it and learns the ids that are new.</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public string? Refute(Given given, Names names)
    {
        if (given.Text != Text || given.Ids.Count != Names.Length)
        {
            return $"expected '{Text}' ({string.Join(", ", Names)}), "
                + $"the ledger said '{given.Text}' ({string.Join(", ", given.Ids)})";
        }

        return Names.Zip(given.Ids)
            .Where(pair => pair.First != TakenBack)
            .Select(pair => names.Bind(pair.First, pair.Second))
            .FirstOrDefault(wrong => wrong is not null);
    }
}

/// <summary>
/// Which id the ledger gave to what the model knows by name. An answer that is lost leaves a name without id.
/// </summary>
internal sealed class Names
{
    private readonly Dictionary<string, Guid> ids = [];
    private readonly Dictionary<Guid, string> names = [];

    /// <summary>The name of an id; null for an id nobody was told, or that was taken back.</summary>
    public string? Of(Guid id) => names.GetValueOrDefault(id);

    /// <summary>The id of a name; null while nobody was told.</summary>
    public Guid? Id(string name) => ids.TryGetValue(name, out var id) ? id : null;

    /// <summary>Learns an id.</summary>
    /// <returns>What is wrong: another id than before, or one that belongs to something else.</returns>
    public string? Bind(string name, Guid id)
    {
        if (ids.TryGetValue(name, out var known))
        {
            return known == id ? null : $"{name} was {known} and is now {id}";
        }

        if (!names.TryAdd(id, name))
        {
            return $"{name} has the id of {names[id]}";
        }

        ids.Add(name, id);
        return null;
    }

    /// <summary>As it stands now, to try something that will be taken back.</summary>
    public Names Copy()
    {
        var copy = new Names();
        foreach (var (name, id) in ids)
        {
            copy.Bind(name, id);
        }

        return copy;
    }
}
