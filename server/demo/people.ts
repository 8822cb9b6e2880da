/** A person of the demo organization, as a roster from a personnel system would name them. */
interface DemoPerson {
  readonly firstName: string;
  readonly lastName: string;
  /** ASCII, unique, in the domain that RFC 2606 (section 3) reserves for examples: mail to it reaches nobody. */
  readonly email: string;
  /** Personnel number, unique: `E1001` to `E1040`. */
  readonly remoteId: string;
}

/**
 * Forty invented people in order of personnel number. Their names use several scripts and many diacritics, so that
 * whoever tries out the demo sees at once whether their own program keeps them intact.
 */
export const demoPeople: readonly DemoPerson[] = [
  { firstName: 'Amélie', lastName: 'Fournier', email: 'amelie.fournier@example.com', remoteId: 'E1001' },
  { firstName: 'Søren', lastName: 'Kjærgaard', email: 'soren.kjaergaard@example.com', remoteId: 'E1002' },
  { firstName: 'Łukasz', lastName: 'Wiśniewski', email: 'lukasz.wisniewski@example.com', remoteId: 'E1003' },
  { firstName: '娜', lastName: '李', email: 'na.li@example.com', remoteId: 'E1004' },
  { firstName: 'Oluwaseun', lastName: 'Adébáyọ̀', email: 'oluwaseun.adebayo@example.com', remoteId: 'E1005' },
  { firstName: 'Ximena', lastName: 'Ibáñez Peña', email: 'ximena.ibanez@example.com', remoteId: 'E1006' },
  { firstName: 'Jürgen', lastName: 'Groß', email: 'juergen.gross@example.com', remoteId: 'E1007' },
  { firstName: 'Þórdís', lastName: 'Björnsdóttir', email: 'thordis.bjornsdottir@example.com', remoteId: 'E1008' },
  { firstName: 'Priya', lastName: 'Raghunathan', email: 'priya.raghunathan@example.com', remoteId: 'E1009' },
  { firstName: 'Thị Hạnh', lastName: 'Nguyễn', email: 'hanh.nguyen@example.com', remoteId: 'E1010' },
  { firstName: 'Aoife', lastName: 'Ní Bhriain', email: 'aoife.nibhriain@example.com', remoteId: 'E1011' },
  { firstName: 'Дмитро', lastName: 'Савченко', email: 'dmytro.savchenko@example.com', remoteId: 'E1012' },
  { firstName: 'Siobhán', lastName: 'O’Rourke', email: 'siobhan.orourke@example.com', remoteId: 'E1013' },
  { firstName: '美咲', lastName: '高橋', email: 'misaki.takahashi@example.com', remoteId: 'E1014' },
  { firstName: 'Thabo', lastName: 'Mokoena', email: 'thabo.mokoena@example.com', remoteId: 'E1015' },
  { firstName: 'Çağla', lastName: 'Yıldırım', email: 'cagla.yildirim@example.com', remoteId: 'E1016' },
  { firstName: 'João Pedro', lastName: 'Gonçalves', email: 'joao.goncalves@example.com', remoteId: 'E1017' },
  { firstName: 'Åsa', lastName: 'Lindström', email: 'asa.lindstrom@example.com', remoteId: 'E1018' },
  { firstName: 'Ελένη', lastName: 'Παπαγεωργίου', email: 'eleni.papageorgiou@example.com', remoteId: 'E1019' },
  { firstName: 'Min-jun', lastName: 'Seo', email: 'min-jun.seo@example.com', remoteId: 'E1020' },
  { firstName: 'ليلى', lastName: 'الحداد', email: 'layla.alhaddad@example.com', remoteId: 'E1021' },
  { firstName: 'Kwame', lastName: 'Boateng-Mensah', email: 'kwame.boateng-mensah@example.com', remoteId: 'E1022' },
  { firstName: 'Zsófia', lastName: 'Szűcs', email: 'zsofia.szucs@example.com', remoteId: 'E1023' },
  { firstName: 'Václav', lastName: 'Dvořáček', email: 'vaclav.dvoracek@example.com', remoteId: 'E1024' },
  { firstName: 'Ines', lastName: 'Đurđević', email: 'ines.djurdjevic@example.com', remoteId: 'E1025' },
  { firstName: 'Noor', lastName: 'van der Velde', email: 'noor.vandervelde@example.com', remoteId: 'E1026' },
  { firstName: 'Tāne', lastName: 'Parata', email: 'tane.parata@example.com', remoteId: 'E1027' },
  { firstName: 'Mariam', lastName: 'Gelashvili', email: 'mariam.gelashvili@example.com', remoteId: 'E1028' },
  { firstName: 'Eero', lastName: 'Hämäläinen', email: 'eero.hamalainen@example.com', remoteId: 'E1029' },
  { firstName: 'Ștefania', lastName: 'Țurcanu', email: 'stefania.turcanu@example.com', remoteId: 'E1030' },
  { firstName: 'Rohan', lastName: 'Kulkarni', email: 'rohan.kulkarni@example.com', remoteId: 'E1031' },
  { firstName: 'Yael', lastName: 'Ben-David', email: 'yael.ben-david@example.com', remoteId: 'E1032' },
  { firstName: 'Ngozi', lastName: 'Okonkwo', email: 'ngozi.okonkwo@example.com', remoteId: 'E1033' },
  { firstName: 'Mateo', lastName: 'Quispe Mamani', email: 'mateo.quispe@example.com', remoteId: 'E1034' },
  { firstName: 'Keʻala', lastName: 'Makoa', email: 'keala.makoa@example.com', remoteId: 'E1035' },
  { firstName: 'Urtė', lastName: 'Žukauskaitė', email: 'urte.zukauskaite@example.com', remoteId: 'E1036' },
  { firstName: 'Farhod', lastName: 'Rahimov', email: 'farhod.rahimov@example.com', remoteId: 'E1037' },
  { firstName: 'Grace', lastName: 'Wanjiku', email: 'grace.wanjiku@example.com', remoteId: 'E1038' },
  {
    firstName: 'Jean-Baptiste',
    lastName: 'Ouédraogo',
    email: 'jean-baptiste.ouedraogo@example.com',
    remoteId: 'E1039',
  },
  { firstName: 'Dilnoza', lastName: 'Karimova', email: 'dilnoza.karimova@example.com', remoteId: 'E1040' },
];
