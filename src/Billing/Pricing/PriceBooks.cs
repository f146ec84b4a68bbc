using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing.Internal;

namespace Quoin.Pricing;

/// <summary>A price to publish.</summary>
/// <param name="Meter">The meter's key.</param>
/// <param name="Match">The dimensions usage must have.</param>
/// <param name="Terms">What it says.</param>
/// <param name="EffectiveFrom">The start of a quarter hour; null begins at the start of time, for a first version.</param>
public sealed record NewPrice(string Meter, Dimensions Match, PriceTerms Terms, DateTimeOffset? EffectiveFrom)
{
    /// <summary>A price of one unit price for all usage it matches.</summary>
    /// <param name="meter">The meter's key.</param>
    /// <param name="match">The dimensions usage must have.</param>
    /// <param name="unitPrice">Units of the book's currency for <paramref name="perQuantity"/>.</param>
    /// <param name="perQuantity">Positive, in the meter's unit.</param>
    /// <param name="effectiveFrom">The start of a quarter hour; null begins at the start of time.</param>
    public NewPrice(string meter, Dimensions match, decimal unitPrice, decimal perQuantity, DateTimeOffset? effectiveFrom)
        : this(meter, match, PriceTerms.PerUnit(unitPrice, perQuantity), effectiveFrom)
    {
    }

    /// <summary>The dimensions whose values are rated apart; a component's never change.</summary>
    public IReadOnlyList<string> GroupBy { get; init; } = [];

    /// <summary>What the usage costs the operator; null where nobody says.</summary>
    public PriceTerms? Cost { get; init; }

    /// <summary>Digits after the point a period's amount is rounded to; 6 is micros.</summary>
    public int Scale { get; init; } = PriceVersion.ScaleMax;

    /// <summary>Why it can be published nowhere, for a person; null when what it says can be.</summary>
    public string? WhyRefused() => PriceCheck.Content(this);
}

/// <summary>Every way publishing prices can end; nothing is published unless all are.</summary>
public abstract record PublishOutcome
{
    private PublishOutcome()
    {
    }

    /// <summary>The versions hold from now on.</summary>
    public sealed record Published(IReadOnlyList<PriceVersion> Versions) : PublishOutcome;

    /// <summary>There is no such book.</summary>
    public sealed record NoSuchBook : PublishOutcome;

    /// <summary>A price cannot be published as it is.</summary>
    /// <param name="Index">Its place in the request, from zero.</param>
    /// <param name="Reason">What is wrong with it, for a person.</param>
    public sealed record Refused(int Index, string Reason) : PublishOutcome;

    /// <summary>A price asks less than its usage costs, and nobody said that it may. None was published.</summary>
    /// <param name="Index">Which of the prices.</param>
    /// <param name="Reason">Where it does, for a person.</param>
    public sealed record BelowCost(int Index, string Reason) : PublishOutcome;
}

/// <summary>Every way creating a price book can end.</summary>
public abstract record CreateBookOutcome
{
    private CreateBookOutcome()
    {
    }

    /// <summary>The book is there, empty.</summary>
    public sealed record Created(PriceBook Book) : CreateBookOutcome;

    /// <summary>A book has this name, or the currency has a default already.</summary>
    public sealed record Taken(string Reason) : CreateBookOutcome;
}

/// <summary>The door to prices.</summary>
public sealed class PriceBooks
{
    private readonly PriceReader reader;
    private readonly PublishPrices publishing;

    /// <summary>Opens the price books of a database.</summary>
    public PriceBooks(NpgsqlDataSource database, TimeProvider time, IdSource ids, IAudit audit)
    {
        reader = new PriceReader(database);
        publishing = new PublishPrices(database, time, ids, audit);
        Drafts = new PriceDrafts(database, time, ids, audit, publishing, reader);
    }

    /// <summary>Prices that are not published yet.</summary>
    internal PriceDrafts Drafts { get; }

    /// <summary>
    /// The prices as the caller's transaction sees them. Remembered between calls; one small read tells whether they
    /// changed.
    /// </summary>
    public Task<PriceSnapshot> Current(NpgsqlTransaction transaction, CancellationToken cancellationToken) =>
        reader.Current(transaction.Connection!, cancellationToken);

    /// <summary>The prices as they are now.</summary>
    public Task<PriceSnapshot> Current(CancellationToken cancellationToken) => reader.Current(cancellationToken);

    /// <summary>All books, by name.</summary>
    public Task<IReadOnlyList<PriceBook>> Books(CancellationToken cancellationToken) => reader.Books(cancellationToken);

    /// <summary>Creates an empty book.</summary>
    public Task<CreateBookOutcome> Create(
        string name,
        Currency currency,
        bool isDefault,
        string actor,
        CancellationToken cancellationToken) =>
        Create(name, currency, isDefault, actor, IdempotentRequest.None, cancellationToken);

    /// <summary>Publishes prices: all or none. A published version never changes.</summary>
    public Task<PublishOutcome> Publish(
        PriceBookId book,
        IReadOnlyList<NewPrice> prices,
        string actor,
        CancellationToken cancellationToken) =>
        Publish(book, prices, maySellBelowCost: true, actor, IdempotentRequest.None, cancellationToken);

    /// <summary>Publishes prices as a person wrote them: all or none, and none below cost unless that is meant.</summary>
    public Task<PublishOutcome> Publish(
        PriceBookId book,
        IReadOnlyList<NewPrice> prices,
        bool maySellBelowCost,
        string actor,
        CancellationToken cancellationToken) =>
        Publish(book, prices, maySellBelowCost, actor, IdempotentRequest.None, cancellationToken);

    internal Task<CreateBookOutcome> Create(
        string name,
        Currency currency,
        bool isDefault,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken) =>
        publishing.CreateBook(name, currency, isDefault, actor, idempotent, cancellationToken);

    internal Task<PublishOutcome> Publish(
        PriceBookId book,
        IReadOnlyList<NewPrice> prices,
        bool maySellBelowCost,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken) =>
        publishing.Publish(book, prices, maySellBelowCost, actor, idempotent, cancellationToken);
}
