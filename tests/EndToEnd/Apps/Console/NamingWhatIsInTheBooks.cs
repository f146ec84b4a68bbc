using Quoin.ConsolePages;
using Quoin.Ledger;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class NamingWhatIsInTheBooks
{
    [Fact]
    public void Has_a_word_for_every_kind_of_transfer()
    {
        string[] kinds = [.. Postings.All.Select(posting => posting.Kind), "manual", "reversal", "adjustment"];

        Words.Kinds.ShouldBe(kinds, ignoreOrder: true);
        kinds.ShouldAllBe(kind => Words.Fact(kind) != kind);
    }

    [Fact]
    public void Tells_all_kinds_apart_where_one_is_chosen() =>
        Words.Kinds.Select(Words.FactAmongAll).ShouldBeUnique();

    [Fact]
    public void Has_a_word_and_a_meaning_for_every_account()
    {
        var kinds = Enum.GetValues<AccountKind>();

        kinds.ShouldAllBe(kind => Words.Of(kind) != kind.Name());
        kinds.ShouldAllBe(kind => Words.Meaning(kind).Length > 0);
        kinds.Select(Words.Of).ShouldBeUnique();
    }
}
