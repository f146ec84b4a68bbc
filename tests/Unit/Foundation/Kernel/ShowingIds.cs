using FsCheck;
using FsCheck.Fluent;
using Quoin.Kernel;

namespace Quoin.Tests.Unit.Foundation.Kernel;

public sealed class ShowingIds
{
    [Fact]
    public void Comes_back_from_text_as_it_went() => Prop.ForAll(
        ArbMap.Default.ArbFor<Guid>(),
        value => Id.Parse<OrgId>(new OrgId(value).ToString()) == new OrgId(value)).QuickCheckThrowOnFailure();

    // The published vector of the TypeID specification.
    [Fact]
    public void Is_the_TypeID_form() =>
        IdText.Format("prefix", Guid.Parse("01890a5d-ac96-774b-bcce-b302099a8057")).ShouldBe("prefix_01h455vb4pex5vsknk084sn02q");

    [Theory]
    [InlineData("usr_01h455vb4pex5vsknk084sn02q")]
    [InlineData("org_01h455vb4pex5vsknk084sn02")]
    [InlineData("org_01h455vb4pex5vsknk084sn02qq")]
    [InlineData("org_81h455vb4pex5vsknk084sn02q")]
    [InlineData("org_01h455vb4pex5vsknk084sn02u")]
    [InlineData("org-01h455vb4pex5vsknk084sn02q")]
    [InlineData("")]
    public void Refuses_anything_else(string text) => Id.TryParse<OrgId>(text, out _).ShouldBeFalse();
}

public sealed class MakingIds
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Rises_even_within_one_millisecond()
    {
        var ids = new IdSource(new StandingClock(Start));

        var made = Enumerable.Range(0, 10_000).Select(_ => ids.Next()).ToArray();

        made.ShouldBe(made.Order());
        made.Distinct().Count().ShouldBe(made.Length);
    }

    [Fact]
    public void Carries_version_seven_and_its_time()
    {
        var id = new IdSource(new StandingClock(Start)).Next();

        id.Version.ShouldBe(7);
        id.ShouldBeGreaterThanOrEqualTo(IdSource.LowerBound(Start));
        id.ShouldBeLessThan(IdSource.LowerBound(Start.AddMilliseconds(1)));
    }

    [Fact]
    public void Repeats_itself_from_a_seed()
    {
        var first = new IdSource(new StandingClock(Start), new Random(7));
        var second = new IdSource(new StandingClock(Start), new Random(7));

        Enumerable.Range(0, 100).All(_ => first.Next() == second.Next()).ShouldBeTrue();
    }

    private sealed class StandingClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
