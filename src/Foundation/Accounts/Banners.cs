using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>An announcement on every page, such as of maintenance.</summary>
/// <param name="Text">What it says.</param>
/// <param name="StartsAt">From when it is shown.</param>
/// <param name="EndsAt">Until when.</param>
public sealed record BannerProfile(string Text, DateTimeOffset StartsAt, DateTimeOffset EndsAt);

/// <summary>An announcement to be made; it takes the place of the one before.</summary>
/// <param name="Text">What it says: 1 to 500 letters.</param>
/// <param name="StartsAt">From when it is shown; at once where left out.</param>
/// <param name="EndsAt">Until when; at most 90 days after it begins.</param>
public sealed record NewBanner(string Text, DateTimeOffset EndsAt, DateTimeOffset? StartsAt = null);

/// <summary>Every way making an announcement can end.</summary>
public abstract record BannerOutcome
{
    private BannerOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : BannerOutcome;

    /// <summary>It is made; every replica shows it within a second of its beginning.</summary>
    public sealed record Done(BannerProfile Banner) : BannerOutcome;
}

/// <summary>The maintenance banner: what every page says on top.</summary>
public sealed class Banners
{
    private readonly ShowBanner showing;

    internal Banners(ShowBanner showing) => this.showing = showing;

    /// <summary>What pages show now; null for nothing. From memory, at most a second behind.</summary>
    public ValueTask<BannerProfile?> Current(CancellationToken cancellationToken) => showing.Current(cancellationToken);

    /// <summary>What is shown now or will be; null for nothing.</summary>
    public ValueTask<BannerProfile?> Planned(CancellationToken cancellationToken) => showing.Planned(cancellationToken);

    /// <summary>Announces something, in place of what was announced before.</summary>
    /// <param name="request">What.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<BannerOutcome> Announce(NewBanner request, string actor, CancellationToken cancellationToken) =>
        showing.Announce(request, actor, cancellationToken);

    /// <summary>Takes the announcement down.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task TakeDown(string actor, CancellationToken cancellationToken) => showing.TakeDown(actor, cancellationToken);
}
